import type { TargetTerms } from '../../src/domain/targets/plan-targets.ts';

/** The terms of a spec that names none. */
export const DEFAULT_TERMS: TargetTerms = {
  labels: {},
  annotations: {},
  creationPolicy: 'Owner',
  deletionPolicy: 'Delete',
};
