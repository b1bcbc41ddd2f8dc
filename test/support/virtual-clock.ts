import type { Clock, Timer } from '../../src/ports/clock.ts';

/** More timers than this at one instant are a loop that would never let time pass. */
const MOST_AT_ONCE = 10_000;

interface Pending {
  readonly id: number;
  readonly due: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until told to move: days pass in milliseconds, and every run is the same.
 *
 * Guarantees: timers fire in the order of their due time, then of their creation; before time moves on, all promise
 * callbacks and `process.nextTick`s are run to the end (p-queue's too: it uses nothing else without a rate limit).
 * Assumptions: the code under test waits for nothing but this clock and promises: work on sockets, files or the
 * thread pool is not waited for.
 */
export class VirtualClock implements Clock {
  #now: number;
  #nextId = 0;
  #firedNow = 0;
  readonly #timers = new Map<number, Pending>();

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  setTimer(ms: number, callback: () => void): Timer {
    const id = this.#nextId++;
    this.#timers.set(id, { id, due: this.#now + Math.max(0, ms), callback });
    return { cancel: () => void this.#timers.delete(id) };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = this.setTimer(ms, done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  /** Number of timers that wait: a leak shows here. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Runs what can run without time passing. */
  async settle(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Lets `ms` pass, firing every timer that comes due on the way. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    await this.settle();
    for (let next = this.#earliest(); next !== undefined && next.due <= target; next = this.#earliest()) {
      await this.#fire(next);
    }
    this.#now = target;
    await this.settle();
  }

  /** Moves the wall clock without firing timers, as a suspended machine or a time correction does. */
  jump(ms: number): void {
    this.#now += ms;
  }

  /** Sets the wall clock back by `ms`, as a time correction does: timers run on and fire when they would have. */
  setBack(ms: number): void {
    this.#now -= ms;
    for (const [id, timer] of this.#timers) this.#timers.set(id, { ...timer, due: timer.due - ms });
  }

  /**
   * Fires timer after timer until `condition` holds.
   * @throws when nothing waits any more, or `limitMs` of virtual time passed, and the condition does not hold.
   */
  async runUntil(condition: () => boolean, limitMs = 3_600_000): Promise<void> {
    const limit = this.#now + limitMs;
    await this.settle();
    while (!condition()) {
      const next = this.#earliest();
      if (next === undefined) throw new Error('Nothing waits on the clock, and the condition does not hold.');
      if (next.due > limit)
        throw new Error(`The condition does not hold after ${limitMs} ms of virtual time.`);
      await this.#fire(next);
    }
  }

  async #fire(timer: Pending): Promise<void> {
    this.#timers.delete(timer.id);
    this.#firedNow = timer.due > this.#now ? 0 : this.#firedNow + 1;
    if (this.#firedNow > MOST_AT_ONCE)
      throw new Error('A hot loop: timers fire on and on and time stands still.');
    this.#now = Math.max(this.#now, timer.due);
    timer.callback();
    await this.settle();
  }

  #earliest(): Pending | undefined {
    let earliest: Pending | undefined;
    for (const timer of this.#timers.values()) {
      if (earliest === undefined || timer.due < earliest.due) earliest = timer;
    }
    return earliest;
  }
}
