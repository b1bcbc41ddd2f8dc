/** A pending timer. `cancel` is idempotent and silent after the timer has fired. */
export interface Timer {
  cancel(): void;
}

/**
 * Time as a value. Everything under `runtime`, `sources` and `reconcile` takes its time from here, so that
 * simulations run days in milliseconds.
 */
export interface Clock {
  /** Wall-clock time, milliseconds since the epoch. */
  now(): number;
  /** Runs `callback` once after `ms` milliseconds (at once, but never synchronously, for `ms <= 0`). */
  setTimer(ms: number, callback: () => void): Timer;
  /** Resolves after `ms` milliseconds, or as soon as `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
