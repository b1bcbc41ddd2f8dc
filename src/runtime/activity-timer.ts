import type { Clock, Timer } from '../ports/clock.ts';

/**
 * Fires once when nothing was reported for `limitMs`. One timer that re-arms itself: a busy stream must not create and
 * cancel a timer per event.
 */
export class ActivityTimer {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #expired: () => void;
  #last: number;
  #timer: Timer;

  constructor(clock: Clock, limitMs: number, expired: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#expired = expired;
    this.#last = clock.now();
    this.#timer = this.#arm(limitMs);
  }

  /** Something happened. */
  touch(): void {
    this.#last = this.#clock.now();
  }

  cancel(): void {
    this.#timer.cancel();
  }

  #arm(ms: number): Timer {
    return this.#clock.setTimer(ms, () => this.#check());
  }

  #check(): void {
    // Between 0 and the limit, so that a clock set back or forward neither fires too early nor never.
    const quiet = Math.max(0, this.#clock.now() - this.#last);
    if (quiet >= this.#limitMs) this.#expired();
    else this.#timer = this.#arm(this.#limitMs - quiet);
  }
}
