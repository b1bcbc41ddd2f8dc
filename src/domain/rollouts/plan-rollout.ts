import { DEFAULTS } from '../../api/defaults.ts';
import type { BindingSpec } from '../../api/schema.ts';
import { parseDuration } from '../durations.ts';
import type { RestartPolicy } from './policy.ts';

/** What a binding wants of its workloads. */
export interface PlannedRollout {
  readonly policy: RestartPolicy;
  readonly minIntervalMs: number;
  readonly maxConcurrent: number;
  readonly dryRun: boolean;
}

/** @param rollout as the schema let it through */
export const planRollout = (rollout: BindingSpec['rollout'] = {}): PlannedRollout => ({
  policy: policyOf(rollout),
  minIntervalMs: parseDuration(rollout.minInterval ?? DEFAULTS.minInterval) ?? 0,
  maxConcurrent: rollout.maxConcurrent ?? DEFAULTS.maxConcurrent,
  dryRun: rollout.dryRun ?? DEFAULTS.dryRun,
});

function policyOf({
  restart = DEFAULTS.restart,
  workloads = [],
  selector,
  includeVolumes = DEFAULTS.includeVolumes,
}: NonNullable<BindingSpec['rollout']>): RestartPolicy {
  switch (restart) {
    case 'Auto':
      return { kind: 'auto', includeVolumes };
    case 'Never':
      return { kind: 'never' };
    case 'Selected':
      return { kind: 'selected', workloads, ...(selector === undefined ? {} : { selector }) };
  }
}
