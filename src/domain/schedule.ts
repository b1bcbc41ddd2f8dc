import { createHash } from 'node:crypto';

/** Spreading work over time by a hash of its key: the same on every start, different for every key. */

/** A number in [0, 1), the same for the same `key` and `use`. */
function share(key: string, use: string): number {
  const digest = createHash('sha256').update(`${use}\n${key}`).digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}

/** `intervalMs` lengthened by up to `fraction` (0 to 1) of it; never shorter, so that limits on requests hold. */
export const jittered = (intervalMs: number, key: string, fraction: number): number =>
  Math.round(intervalMs * (1 + fraction * share(key, 'interval')));

/** When in the first interval the work for `key` comes up, in [0, intervalMs). */
export const firstRound = (intervalMs: number, key: string): number =>
  Math.floor(intervalMs * share(key, 'first'));
