import type { Bench } from '../scenario.ts';
import { type Population, population } from '../stage/population.ts';

const BINDINGS = { small: 100, full: 1_000 } as const;

/** What idle, changed and restart have in common: one selection, 50 identities. */
export const shared = (bench: Bench): Population => population({ bindings: bench.bindings(BINDINGS) });
