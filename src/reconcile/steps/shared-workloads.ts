import type { AppConfigBinding } from '../../api/schema.ts';
import { planRollout } from '../../domain/rollouts/plan-rollout.ts';
import { usageUnder } from '../../domain/rollouts/policy.ts';
import type { TargetName } from '../../domain/rollouts/usage.ts';
import type { Workload } from '../../domain/rollouts/workload.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';

/** Whether another binding of the namespace would restart `workload`, too. */
export const isShared = (
  { namespace, name }: PlannedPass,
  workload: Workload,
  { bindings }: Pick<Dependencies, 'bindings'>,
): boolean =>
  bindings
    .byNamespace(namespace)
    .some((binding) => binding.metadata.name !== name && restarts(binding, workload));

/** Told by what is in the cache, of which a moment may be missing: that costs a second restart, or some seconds. */
function restarts({ metadata, spec, status }: AppConfigBinding, workload: Workload): boolean {
  if (metadata.deletionTimestamp !== undefined || spec?.suspend === true) return false;
  const { policy } = planRollout(spec?.rollout);
  const targets = (status?.targets ?? []).map(
    ({ kind, name }): TargetName => ({ kind, name, role: `${kind}/${name}` }),
  );
  return policy.kind !== 'never' && usageUnder(policy, workload, targets).kind === 'keys';
}
