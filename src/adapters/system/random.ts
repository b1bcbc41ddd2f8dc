import type { Random } from '../../ports/random.ts';

/** Jitter needs no cryptographic source. */
export const systemRandom: Random = { next: () => Math.random() };
