import { cancelled, fail, type Result } from '../domain/failure.ts';
import type { Clock } from '../ports/clock.ts';

interface Flight<T> {
  /** Milliseconds since the epoch; Infinity while the work waits for its turn. */
  readonly start: { at: number };
  readonly result: Promise<Result<T>>;
  readonly abort: () => void;
  waiters: number;
}

export type FlightWork<T> = (signal: AbortSignal) => Promise<Result<T>>;
/** Work that waits for its turn first, and calls `begin` when that has come. */
export type QueuedWork<T> = (signal: AbortSignal, begin: () => void) => Promise<Result<T>>;

/**
 * Work under way, by key, that callers with the same wish share.
 *
 * Guarantees: a caller leaves at once when its signal aborts and gets `cancelled`; the others go on; the work's own
 * signal aborts only when the last caller has left. Exceptions of the work reach every caller.
 */
export class Flights<T> {
  readonly #clock: Clock;
  readonly #flights = new Map<string, Flight<T>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Joins the work under `key`, or starts it when there is none, or only one that started before `oldest`. */
  join(key: string, signal: AbortSignal, work: FlightWork<T>, oldest = -Infinity): Promise<Result<T>> {
    return this.#board(key, signal, this.#clock.now(), work, oldest);
  }

  /** As `join`, for work that has to wait: until it says that it begins, even `oldest` = Infinity may join it. */
  joinQueued(key: string, signal: AbortSignal, work: QueuedWork<T>, oldest = -Infinity): Promise<Result<T>> {
    return this.#board(key, signal, Infinity, work, oldest);
  }

  /** The key of some work under way. */
  get anyKey(): string | undefined {
    const [key] = this.#flights.keys();
    return key;
  }

  #board(
    key: string,
    signal: AbortSignal,
    startedAt: number,
    work: QueuedWork<T>,
    oldest: number,
  ): Promise<Result<T>> {
    if (signal.aborted) return Promise.resolve(fail(cancelled));
    const running = this.#flights.get(key);
    const flight = running && running.start.at >= oldest ? running : this.#launch(key, startedAt, work);
    return this.#wait(key, flight, signal);
  }

  #launch(key: string, startedAt: number, work: QueuedWork<T>): Flight<T> {
    const controller = new AbortController();
    const start = { at: startedAt };
    const begin = () => {
      start.at = this.#clock.now();
    };
    const result = work(controller.signal, begin).finally(() => this.#forget(key, flight));
    const flight = { start, result, abort: () => controller.abort(), waiters: 0 };
    this.#flights.set(key, flight);
    return flight;
  }

  #wait(key: string, flight: Flight<T>, signal: AbortSignal): Promise<Result<T>> {
    flight.waiters += 1;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        flight.waiters -= 1;
        if (flight.waiters === 0) {
          this.#forget(key, flight);
          flight.abort();
        }
        resolve(fail(cancelled));
      };
      signal.addEventListener('abort', leave, { once: true });
      const done = () => signal.removeEventListener('abort', leave);
      flight.result.finally(done).then(resolve, reject);
    });
  }

  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
