import type { Clock, Timer } from '../ports/clock.ts';
import { DueHeap } from './due-heap.ts';

/**
 * Calls `fire(key)` when a key is due, with one timer for all keys.
 *
 * Guarantees: a key scheduled twice fires once, at the earlier time; never synchronously from `schedule`; never after
 * `stop`.
 */
export class Scheduler {
  readonly #clock: Clock;
  readonly #fire: (key: string) => void;
  readonly #heap = new DueHeap();
  /** What the wall clock has lost since: due times are of a time that never goes back. */
  #lost = 0;
  #latest = -Infinity;
  #timer: { readonly due: number; readonly handle: Timer } | undefined;
  #stopped = false;

  constructor(clock: Clock, fire: (key: string) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  get size(): number {
    return this.#heap.size;
  }

  schedule(key: string, afterMs: number): void {
    if (this.#stopped) return;
    this.#heap.put(key, this.#time() + Math.max(0, afterMs));
    this.#arm();
  }

  cancel(key: string): void {
    this.#heap.remove(key);
  }

  /** Milliseconds since the epoch (if the clock was never set back), or undefined when the key does not wait. */
  dueOf(key: string): number | undefined {
    return this.#heap.dueOf(key);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.handle.cancel();
    this.#timer = undefined;
  }

  /** Now, and not before `known`. */
  #time(known = -Infinity): number {
    const wall = this.#clock.now() + this.#lost;
    this.#latest = Math.max(wall, this.#latest, known);
    this.#lost += this.#latest - wall;
    return this.#latest;
  }

  #arm(): void {
    const due = this.#heap.nextDue();
    if (due === undefined || this.#stopped) return;
    if (this.#timer !== undefined && this.#timer.due <= due) return;
    this.#timer?.handle.cancel();
    const handle = this.#clock.setTimer(due - this.#time(), () => this.#wake(due));
    this.#timer = { due, handle };
  }

  #wake(due: number): void {
    this.#timer = undefined;
    // A wall clock set back while the timer ran would make every key wait again.
    for (const key of this.#heap.takeDue(this.#time(due))) {
      if (this.#stopped) return;
      this.#fire(key);
    }
    this.#arm();
  }
}
