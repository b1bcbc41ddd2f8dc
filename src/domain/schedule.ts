import { createHash } from 'node:crypto';

/** Spreading work over time by a hash of its key: the same on every start, different for every key. */

/** An integer in [0, 2³²), the same for the same `key` and `use`. */
const number = (key: string, use: string): number =>
  createHash('sha256').update(`${use}\n${key}`).digest().readUInt32BE(0);

/** A number in [0, 1), the same for the same `key` and `use`. */
const share = (key: string, use: string): number => number(key, use) / 2 ** 32;

/** `intervalMs` lengthened by up to `fraction` (0 to 1) of it; never shorter, so that limits on requests hold. */
export const jittered = (intervalMs: number, key: string, fraction: number): number =>
  Math.round(intervalMs * (1 + fraction * share(key, 'interval')));

/** When in the first interval the work for `key` comes up, in [0, intervalMs). */
export const firstRound = (intervalMs: number, key: string): number =>
  Math.floor(intervalMs * share(key, 'first'));

/** The members of a group come one after the other within this time, or a twentieth of a shorter interval. */
export const GROUP_SPREAD_MS = 1_500;
/** Of the interval: a time that comes sooner than that is put off. */
const TOO_SOON = 0.4;

/**
 * When the next round for `member` comes up, so that all members of `group` with the same interval have it
 * together: two fifths of an interval to a whole one after `now`, both in milliseconds since the epoch.
 *
 * The points lie one interval apart on a grid whose phase is the group's: the same after a restart, for a member
 * that joins later, and for intervals that are multiples of each other. A point that is too close is put off by half
 * an interval, once: the round after that is on the grid again.
 */
export function groupRound(now: number, intervalMs: number, group: string, member: string): number {
  const spread = firstRound(Math.min(GROUP_SPREAD_MS, intervalMs / 20), member);
  const latest = now + intervalMs;
  // Milliseconds, not a part of the interval: else intervals of one group would have nothing in common.
  const point = latest - modulo(latest - spread - number(group, 'group'), intervalMs);
  return point - now < TOO_SOON * intervalMs ? point + Math.floor(intervalMs / 2) : point;
}

const modulo = (value: number, by: number): number => ((value % by) + by) % by;
