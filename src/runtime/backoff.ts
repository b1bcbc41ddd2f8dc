import type { Random } from '../ports/random.ts';

/** How long to wait after the n-th failure in a row. */
export interface BackoffPolicy {
  readonly initialMs: number;
  readonly maxMs: number;
  /** Share of the delay that is random: 0.5 spreads it over 50–100 %. */
  readonly jitter: number;
}

/**
 * Doubles from `initialMs` to `maxMs`, less a random share, so that clients that failed together do not come back
 * together. `failures` counts from 1.
 */
export function backoffDelay(failures: number, policy: BackoffPolicy, random: Random): number {
  const exponent = Math.min(Math.max(failures - 1, 0), 30);
  const ceiling = Math.min(policy.initialMs * 2 ** exponent, policy.maxMs);
  return Math.round(ceiling * (1 - policy.jitter * random.next()));
}

/** `base` milliseconds, up to `share` of it more or less. */
export function jittered(base: number, share: number, random: Random): number {
  return Math.round(base * (1 + share * (2 * random.next() - 1)));
}
