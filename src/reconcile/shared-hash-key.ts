import { fail, type Result, throttled } from '../domain/failure.ts';
import type { HashKey } from '../domain/keyed-hash.ts';
import type { Clock } from '../ports/clock.ts';
import { type HashKeyOptions, loadHashKey } from './hash-key.ts';

/**
 * The hash key for all bindings that wait for it: at the start that is every one of them.
 *
 * Guarantees: one load at a time, whose answer all who wait get; none before the end of a pause that the API server
 * asked for. Nothing is kept of other failures, nor of a success: the caller keeps the key.
 */
export class SharedHashKey {
  readonly #kube: Parameters<typeof loadHashKey>[0];
  readonly #clock: Pick<Clock, 'now'>;
  #flight: Promise<Result<HashKey>> | undefined;
  #pausedUntil = 0;

  constructor(kube: Parameters<typeof loadHashKey>[0], clock: Pick<Clock, 'now'>) {
    this.#kube = kube;
    this.#clock = clock;
  }

  /** A load that is under way ends with the signal it began with: work is aborted all at once or not at all. */
  async load(options: HashKeyOptions): Promise<Result<HashKey>> {
    const pause = this.#pausedUntil - this.#clock.now();
    // A pause is bounded by what the adapter lets through; a clock that was set back must not prolong it.
    if (pause > 0 && pause <= LONGEST_PAUSE_MS) return fail(asked(pause));
    this.#flight ??= loadHashKey(this.#kube, options).finally(() => {
      this.#flight = undefined;
    });
    const loaded = await this.#flight;
    if (!loaded.ok && loaded.failure.kind === 'throttled')
      this.#pausedUntil = this.#clock.now() + loaded.failure.retryAfterMs;
    return loaded;
  }
}

const LONGEST_PAUSE_MS = 600_000;

const asked = (pauseMs: number) =>
  throttled('KubernetesUnavailable', 'reading the hash key: the API server asked for a pause', pauseMs);
