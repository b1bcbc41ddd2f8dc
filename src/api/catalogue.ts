import { azure } from './catalogue/azure.ts';
import type { Explanation } from './catalogue/explanation.ts';
import { identity } from './catalogue/identity.ts';
import { progress } from './catalogue/progress.ts';
import { selection } from './catalogue/selection.ts';
import { targets } from './catalogue/targets.ts';
import type { Reason } from './reasons.ts';

export type { Explanation };

/** Every reason explained; the compiler insists. Source of docs/reference/reasons.md. */
export const CATALOGUE: Readonly<Record<Reason, Explanation>> = {
  ...progress,
  ...selection,
  ...identity,
  ...azure,
  ...targets,
};
