import { TokenBucket } from './token-bucket.ts';

/** As client-go limits events (`EventSourceObjectSpamFilter`). */
const BURST = 25;
const REFILL_MS = 300_000;
const MAX_OBJECTS = 4_096;

/**
 * How many events one object gets: 25, and one more every five minutes, so that one that changes its mind for ever
 * does not fill etcd. Bounded: of the objects told of longest ago nothing is remembered.
 */
export class EventLimits {
  /** By uid; in the order of last use. */
  readonly #buckets = new Map<string, TokenBucket>();

  allows(uid: string, now: number): boolean {
    const bucket = this.#buckets.get(uid) ?? new TokenBucket(BURST, REFILL_MS, now);
    this.#buckets.delete(uid);
    this.#buckets.set(uid, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > MAX_OBJECTS && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket.take(now);
  }
}
