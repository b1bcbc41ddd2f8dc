import type { RolloutStatus } from '../../api/schema.ts';
import { fail, ok, type Result } from '../../domain/failure.ts';
import { awaiting, isMoving, isUnfinished, progressOf } from '../../domain/rollouts/progress.ts';
import type { Workload } from '../../domain/rollouts/workload.ts';
import type { KubernetesObject } from '../../ports/kubernetes.ts';
import type { Dependencies } from '../dependencies.ts';
import { WORKLOADS } from '../kinds.ts';
import { isNotFound, kubernetesFailure } from '../kubernetes-failures.ts';
import type { PlannedPass } from '../pass.ts';

/** What became of rollouts that were not finished. */
export interface Followed {
  readonly rollouts: readonly RolloutStatus[];
  /** One has come to another phase: a restart that waits may have its turn. */
  readonly changed: boolean;
}

/** Whether a rollout may still move, by itself or once a person has acted. */
export const isOpen = (rollout: RolloutStatus): boolean =>
  MOVING.has(rollout.phase) || ((waits(rollout) || waitsForPerson(rollout)) && isUnfinished(rollout));

const MOVING: ReadonlySet<string> = new Set(['Progressing', 'Failed']);
/** What they wait for is decided by a look at all workloads. */
const WAITING: ReadonlySet<string> = new Set(['Pending', 'Halted']);

const HELD: ReadonlySet<string> = new Set(['Paused', 'OnDelete']);

/** It goes on when somebody resumes it or deletes pods, maybe in weeks; nothing tells of that. */
export const waitsForPerson = ({ phase }: RolloutStatus): boolean => HELD.has(phase);

export const waits = ({ phase }: RolloutStatus): boolean => WAITING.has(phase);

/** Looks again at rollouts that were not finished, one GET each. */
export async function followRollouts(
  pass: PlannedPass,
  { kube, desk, clock }: Pick<Dependencies, 'kube' | 'desk' | 'clock'>,
): Promise<Result<Followed>> {
  const { key, namespace, signal, previous } = pass;
  const before = previous.rollouts ?? [];
  const rollouts: RolloutStatus[] = [];
  const moving: string[] = [];
  let changed = false;
  for (const rollout of before) {
    const { kind, name, restartedAt } = rollout;
    const type = WORKLOADS.find((known) => known.kind === kind);
    if (type === undefined || !isOpen(rollout)) {
      rollouts.push(rollout);
      continue;
    }
    const found = await kube.get<Workload & KubernetesObject>({ type, namespace, name }, { signal });
    if (!found.ok && !isNotFound(found.error))
      return fail(kubernetesFailure(found.error, `reading ${kind} ${namespace}/${name}`));
    if (!found.ok) {
      changed = true;
      continue;
    }
    const progress = progressOf({ ...found.value, kind: type.kind }, rollout, restartedAt, clock.now());
    const id = `${kind}/${name}`;
    if (isMoving(progress)) moving.push(id);
    const gaveWay = !isUnfinished(progress) || (desk.isUnderway(pass, id) && !isMoving(progress));
    changed ||= waits(rollout) ? gaveWay : progress.phase !== rollout.phase;
    rollouts.push(waits(rollout) ? awaiting(progress, rollout.phase, rollout.message) : progress);
  }
  desk.followed({ key, namespace }, moving);
  return ok({ rollouts, changed });
}
