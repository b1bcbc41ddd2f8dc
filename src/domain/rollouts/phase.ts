/**
 * How far a rollout is, from the status of the workload alone. The rules are those of `kubectl rollout status`,
 * told apart further where pods keep old content on purpose (paused, OnDelete, a partition).
 */
import type { Workload, WorkloadSpec, WorkloadStatus } from './workload.ts';

/**
 * `Complete`: every pod runs the current template and is available. `Failed`: a Deployment passed its progress
 * deadline (the other kinds have none). `Paused` and `OnDelete`: it goes on when a person acts.
 */
export interface RolloutPhase {
  readonly phase: 'Complete' | 'Progressing' | 'Failed' | 'Paused' | 'OnDelete';
  /** For people; counts and names of fields only. */
  readonly message: string;
}

export function rolloutPhase(workload: Workload): RolloutPhase {
  const { generation = 0 } = workload.metadata;
  const { spec = {}, status = {} } = workload;
  if ((status.observedGeneration ?? 0) < generation) return progressing('not yet seen by its controller');
  switch (workload.kind) {
    case 'Deployment':
      return deploymentPhase(spec, status);
    case 'StatefulSet':
      return statefulSetPhase(spec, status);
    case 'DaemonSet':
      return daemonSetPhase(spec, status);
  }
}

function deploymentPhase(spec: WorkloadSpec, status: WorkloadStatus): RolloutPhase {
  const { replicas: wanted = 1, paused = false } = spec;
  const { replicas: all = 0, updatedReplicas: updated = 0, availableReplicas: available = 0 } = status;
  if (updated >= wanted && all <= updated && available >= wanted) return complete(wanted);
  if (paused)
    return { phase: 'Paused', message: 'spec.paused is true: resume it with kubectl rollout resume' };
  const counts = `${updated} of ${wanted} pods updated, ${available} available`;
  if (deadlineExceeded(status)) return { phase: 'Failed', message: `progress deadline exceeded: ${counts}` };
  const old = all - updated;
  return progressing(old > 0 ? `${counts}, ${old} old to stop` : counts);
}

const deadlineExceeded = ({ conditions = [] }: WorkloadStatus): boolean =>
  conditions.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded');

function statefulSetPhase(spec: WorkloadSpec, status: WorkloadStatus): RolloutPhase {
  const { replicas: wanted = 1 } = spec;
  const { updatedReplicas: updated = 0, readyReplicas: ready = 0 } = status;
  const counts = `${updated} of ${wanted} pods updated, ${ready} ready`;
  const rolling = spec.updateStrategy?.type !== 'OnDelete';
  if (updated < wanted && !rolling) return onDelete(counts);
  const held = Math.min(spec.updateStrategy?.rollingUpdate?.partition ?? 0, wanted);
  if (updated < wanted - held || ready < wanted) return progressing(counts);
  if (updated < wanted)
    return { phase: 'Paused', message: `the partition holds back ${held} pods: ${counts}` };
  // The controller declares the revision current as its last step.
  if (rolling && held === 0 && status.updateRevision !== status.currentRevision) return progressing(counts);
  return complete(wanted);
}

function daemonSetPhase(spec: WorkloadSpec, status: WorkloadStatus): RolloutPhase {
  const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled: updated = 0 } = status;
  const { numberAvailable: available = 0 } = status;
  if (updated >= wanted && available >= wanted) return complete(wanted);
  const counts = `${updated} of ${wanted} pods updated, ${available} available`;
  return spec.updateStrategy?.type === 'OnDelete' && updated < wanted
    ? onDelete(counts)
    : progressing(counts);
}

const complete = (pods: number): RolloutPhase => ({
  phase: 'Complete',
  message: `${pods} of ${pods} pods updated and available`,
});
const progressing = (message: string): RolloutPhase => ({ phase: 'Progressing', message });
const onDelete = (counts: string): RolloutPhase => ({
  phase: 'OnDelete',
  message: `updateStrategy is OnDelete: delete the old pods to give them the new content (${counts})`,
});
