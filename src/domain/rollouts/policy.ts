/** Which workloads a binding restarts, and for the change of which keys. */
import { type LabelSelector, selects } from './label-selector.ts';
import { type TargetName, type Usage, usageOf } from './usage.ts';
import type { Workload, WorkloadKind } from './workload.ts';

/** `spec.rollout`, with defaults. `never` looks at what `auto` would restart, to tell of it. */
export type RestartPolicy =
  | { readonly kind: 'auto'; readonly includeVolumes: boolean }
  | { readonly kind: 'never' }
  | {
      readonly kind: 'selected';
      readonly workloads: readonly WorkloadName[];
      readonly selector?: LabelSelector;
    };

export interface WorkloadName {
  readonly kind: WorkloadKind;
  readonly name: string;
}

/**
 * The keys whose change restarts `workload`. Of selected workloads volumes count, too; one that reads its content in
 * a way that its template does not tell (through the API, by a sidecar) counts as a reader of everything.
 */
export function usageUnder(policy: RestartPolicy, workload: Workload, targets: readonly TargetName[]): Usage {
  if (policy.kind === 'never') return usageOf(workload, targets);
  if (policy.kind === 'auto') return usageOf(workload, targets, { volumesCount: policy.includeVolumes });
  if (!isSelected(policy, workload)) return { kind: 'none' };
  const usage = usageOf(workload, targets, { volumesCount: true });
  return usage.kind === 'keys' ? usage : everything(targets);
}

function isSelected(
  { workloads, selector }: Extract<RestartPolicy, { kind: 'selected' }>,
  { kind, metadata }: Workload,
): boolean {
  const named = workloads.some((workload) => workload.kind === kind && workload.name === metadata.name);
  return named || (selector !== undefined && selects(selector, metadata.labels));
}

const everything = (targets: readonly TargetName[]): Usage => ({
  kind: 'keys',
  uses: targets
    .map(({ role }) => ({ role, keys: 'all' as const }))
    .sort((a, b) => (a.role < b.role ? -1 : 1)),
});

/** Workloads that the policy names and that are not among `present`. */
export function missing(policy: RestartPolicy, present: readonly Workload[]): readonly WorkloadName[] {
  if (policy.kind !== 'selected') return [];
  return policy.workloads.filter(
    ({ kind, name }) =>
      !present.some((workload) => workload.kind === kind && workload.metadata.name === name),
  );
}
