/**
 * What kstatus computes for a custom resource: what `helm install --wait`, Flux and `kubectl`'s wrappers wait for.
 *
 * Written from its documentation, "The Status of Resources" in sigs.k8s.io/cli-utils, pkg/kstatus/README.md
 * (section "Status and custom resources" and the standard conditions `Reconciling` and `Stalled`), in this order:
 * an object with a deletionTimestamp is Terminating; one whose `status.observedGeneration` differs from its
 * generation is InProgress; `Reconciling: True` is InProgress and `Stalled: True` is Failed, whichever comes first in
 * the list; a condition `Ready` that is not True is InProgress; everything else is Current.
 */
export interface Observable {
  readonly metadata: { readonly generation?: number; readonly deletionTimestamp?: string | undefined };
  readonly status?:
    | {
        readonly observedGeneration?: number;
        readonly conditions?: readonly { readonly type: string; readonly status: string }[];
      }
    | undefined;
}

export type Kstatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating';

export function kstatus({ metadata, status = {} }: Observable): Kstatus {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  const { observedGeneration, conditions = [] } = status;
  if (observedGeneration !== undefined && observedGeneration !== metadata.generation) return 'InProgress';
  const standard = conditions.find(
    (condition) => STANDARD[condition.type] !== undefined && condition.status === 'True',
  );
  if (standard !== undefined) return STANDARD[standard.type] ?? 'InProgress';
  const ready = conditions.find(({ type }) => type === 'Ready');
  return ready === undefined || ready.status === 'True' ? 'Current' : 'InProgress';
}

const STANDARD: Readonly<Record<string, Kstatus>> = { Reconciling: 'InProgress', Stalled: 'Failed' };
