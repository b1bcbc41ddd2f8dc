/**
 * How fast a host may be asked: a bucket that refills steadily, so that a burst passes at once and what follows
 * comes at an even rate. In any time t at most `burst + perSecond · t` requests begin, and the cost of one call more.
 *
 * Pure: the time comes from the caller. A bucket rather than a strict window, since in a window that is used up
 * everybody stands until it moves on; here the wait for one request is a few milliseconds.
 */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** `tokens` below zero are requests that were let in and wait for their time. `at`: milliseconds since the epoch. */
export interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** Takes `cost` requests out; they may begin after `waitMs`. A clock that was set back refills nothing. */
export function take(
  bucket: Bucket | undefined,
  { perSecond, burst }: Rate,
  now: number,
  cost: number,
): { readonly bucket: Bucket; readonly waitMs: number } {
  const tokens = tokensAt(bucket, { perSecond, burst }, now);
  const waitMs = tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1_000);
  return { bucket: { tokens: tokens - cost, at: now }, waitMs };
}

/** Nothing is left to remember: the bucket is full again, or was never used. */
export const isFull = (bucket: Bucket | undefined, rate: Rate, now: number): boolean =>
  tokensAt(bucket, rate, now) >= rate.burst;

function tokensAt(bucket: Bucket | undefined, { perSecond, burst }: Rate, now: number): number {
  if (bucket === undefined) return burst;
  const refilled = (Math.max(now - bucket.at, 0) / 1_000) * perSecond;
  return Math.min(bucket.tokens + refilled, burst);
}
