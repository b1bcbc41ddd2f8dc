import { cancelled, fail, type Result } from '../domain/failure.ts';
import type { Clock } from '../ports/clock.ts';

type Answer<T> = Result<readonly T[]>;

interface Listing<T> {
  readonly answer: Promise<Answer<T>>;
  /** Undefined while it waits for the one before it. */
  begunAt: number | undefined;
}

export interface ListingsOptions<T> {
  readonly list: (namespace: string) => Promise<Answer<T>>;
  /** How old a listing may be for those who do not ask for a fresh one. */
  readonly ageMs: number;
  readonly clock: Clock;
}

/**
 * Listings of workloads, or of jobs, shared by the bindings of a namespace.
 *
 * Guarantees: a fresh listing began after it was asked for; any other is at most `ageMs` old and younger
 * than what was last forgotten. Of one namespace one listing goes on at a time, and one waits for it to end: however
 * many bindings ask meanwhile, they share that one. Nothing is kept longer than that.
 * Failure: a caller leaves at once when its signal aborts; the listing, a read, goes on. A failed one is not kept.
 */
export class Listings<T> {
  readonly #options: ListingsOptions<T>;
  /** By namespace: the one that can be joined last. */
  readonly #newest = new Map<string, Listing<T>>();

  constructor(options: ListingsOptions<T>) {
    this.#options = options;
  }

  of(
    namespace: string,
    options: { readonly fresh: boolean; readonly signal: AbortSignal },
  ): Promise<Answer<T>> {
    const newest = this.#newest.get(namespace);
    const joins =
      newest !== undefined && (newest.begunAt === undefined || (!options.fresh && this.#young(newest)));
    return unlessAborted((joins ? newest : this.#begin(namespace, newest)).answer, options.signal);
  }

  /** Something was written to a workload: what was listed before is no longer true. */
  forget(namespace: string): void {
    const newest = this.#newest.get(namespace);
    if (newest?.begunAt !== undefined) this.#newest.delete(namespace);
  }

  #young({ begunAt }: Listing<T>): boolean {
    const { clock, ageMs } = this.#options;
    const age = clock.now() - (begunAt ?? 0);
    return age >= 0 && age < ageMs;
  }

  /** At once, or when `before` has ended. */
  #begin(namespace: string, before: Listing<T> | undefined): Listing<T> {
    let begin = (): void => undefined;
    const turn = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const answer = turn.then(() => this.#options.list(namespace));
    const listing: Listing<T> = { answer, begunAt: undefined };
    const start = (): void => {
      listing.begunAt = this.#options.clock.now();
      begin();
    };
    this.#newest.set(namespace, listing);
    if (before === undefined) start();
    else before.answer.then(start, start);
    answer.then(
      (result) => this.#ended(namespace, listing, result.ok),
      () => this.#drop(namespace, listing),
    );
    return listing;
  }

  #ended(namespace: string, listing: Listing<T>, worked: boolean): void {
    if (!worked) this.#drop(namespace, listing);
    else this.#options.clock.setTimer(this.#options.ageMs, () => this.#drop(namespace, listing));
  }

  #drop(namespace: string, listing: Listing<T>): void {
    if (this.#newest.get(namespace) === listing) this.#newest.delete(namespace);
  }
}

function unlessAborted<T>(answer: Promise<Answer<T>>, signal: AbortSignal): Promise<Answer<T>> {
  if (signal.aborted) return Promise.resolve(fail(cancelled));
  return new Promise((resolve, reject) => {
    const leave = (): void => resolve(fail(cancelled));
    signal.addEventListener('abort', leave, { once: true });
    answer.finally(() => signal.removeEventListener('abort', leave)).then(resolve, reject);
  });
}
