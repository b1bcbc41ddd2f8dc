/** What the status tells of one workload: how far its rollout is, and since when. */
import type { RolloutStatus } from '../../api/schema.ts';
import { formatDuration } from '../durations.ts';
import { rfc3339 } from '../times.ts';
import { rolloutPhase } from './phase.ts';
import type { Workload } from './workload.ts';

/**
 * Without progress for this long, a rollout of a StatefulSet or DaemonSet has failed. It is the default of the
 * deadline that Deployments have of their own (`progressDeadlineSeconds`); the other kinds have none.
 */
export const STALLED_MS = 600_000;

/**
 * @param before what was told of it last
 * @param restartedAt when the operator restarted it, RFC 3339; undefined: never, as far as is known
 * @param now milliseconds since the epoch
 */
export function progressOf(
  workload: Workload,
  before: RolloutStatus | undefined,
  restartedAt: string | undefined,
  now: number,
): RolloutStatus {
  const { phase, message } = rolloutPhase(workload);
  const told = { kind: workload.kind, name: workload.metadata.name, phase, message };
  if (restartedAt === undefined) return told;
  const known = before?.restartedAt === restartedAt ? before : undefined;
  // Once it was complete, what becomes of its pods is no matter of this restart.
  const completedAt = known?.completedAt ?? (phase === 'Complete' ? rfc3339(now) : undefined);
  if (completedAt !== undefined) return { ...told, restartedAt, completedAt };
  if (workload.kind === 'Deployment' || phase !== 'Progressing') return { ...told, restartedAt };
  return { ...told, restartedAt, ...stalling(message, known, now) };
}

function stalling(
  message: string,
  known: RolloutStatus | undefined,
  now: number,
): Pick<RolloutStatus, 'progressedAt'> & Partial<Pick<RolloutStatus, 'phase' | 'message'>> {
  const stalled = `no progress for ${formatDuration(STALLED_MS)}: ${message}`;
  const same = known?.message === message || known?.message === stalled || (known && isWaiting(known));
  const progressedAt = (same ? known.progressedAt : undefined) ?? rfc3339(now);
  return now - Date.parse(progressedAt) < STALLED_MS
    ? { progressedAt }
    : { progressedAt, phase: 'Failed', message: stalled };
}

/**
 * `rollout`, with what its next restart waits for in the place of how far it is. Meanwhile its progress cannot be
 * compared: since when there is none is told only of one that had failed by then, which it stays until it is complete.
 */
export function awaiting(
  { progressedAt, ...rollout }: RolloutStatus,
  phase: RolloutStatus['phase'],
  message: string | undefined,
): RolloutStatus {
  const failed = rollout.phase === 'Failed' && progressedAt !== undefined ? { progressedAt } : {};
  return { ...rollout, ...failed, phase, ...(message === undefined ? {} : { message }) };
}

const AWAITING: ReadonlySet<string> = new Set(['Pending', 'Halted', 'DryRun']);

/** Its next restart is due, and not made yet. */
export const isWaiting = ({ phase }: Pick<RolloutStatus, 'phase'>): boolean => AWAITING.has(phase);

/** Restarted by the operator and not complete since. */
export const isUnfinished = ({ restartedAt, completedAt }: RolloutStatus): boolean =>
  restartedAt !== undefined && completedAt === undefined;

/** It takes one of the places that `maxConcurrent` and the budgets of the operator bound. */
export const isMoving = (rollout: RolloutStatus): boolean =>
  rollout.phase === 'Progressing' && isUnfinished(rollout);
