/** What the status says of all rollouts together. */
import { BOUNDS } from '../../api/defaults.ts';
import type { BindingStatus, RolloutStatus } from '../../api/schema.ts';
import { needsNoRestart } from '../rollouts/job.ts';
import { isOptedOut } from '../rollouts/opted-out.ts';
import { isUnfinished, isWaiting } from '../rollouts/progress.ts';
import type { Claim } from './conditions.ts';

/**
 * The list is cut: first what is under way or failed, since its times must not be lost, then what is unfinished, those
 * that wait behind those that do not. Workloads that opted out come behind those that are complete, and jobs last;
 * `rollout` counts neither.
 */
export function rolloutSummary(
  told: readonly RolloutStatus[],
): Pick<BindingStatus, 'rollout' | 'rollouts' | 'rolloutsTotal'> {
  const { rollouts, optedOut, jobs } = apart(told);
  const complete = rollouts.filter(isComplete);
  const moving = rollouts.filter(isUnfinished);
  const open = rollouts.filter((rollout) => !isComplete(rollout) && !isUnfinished(rollout));
  const waiting = open.filter(isWaiting);
  const stuck = open.filter((rollout) => !isWaiting(rollout));
  const done = complete.filter((rollout) => !isUnfinished(rollout));
  return {
    rollout: `${complete.length}/${rollouts.length}`,
    rollouts: [...moving, ...stuck, ...waiting, ...done, ...optedOut, ...jobs].slice(0, BOUNDS.statusList),
    rolloutsTotal: told.length,
  };
}

const apart = (told: readonly RolloutStatus[]) => ({
  rollouts: told.filter(isCounted),
  optedOut: told.filter(isOptedOut),
  jobs: told.filter(needsNoRestart),
});

/** Whether `status.rollout` and RolloutsComplete are about it. */
export const isCounted = (rollout: RolloutStatus): boolean =>
  !needsNoRestart(rollout) && !isOptedOut(rollout);

const isComplete = ({ phase }: RolloutStatus): boolean => phase === 'Complete';

/** Undefined: nothing was learned about rollouts. */
export function rolloutClaim(told: readonly RolloutStatus[] | undefined): Claim | undefined {
  if (told === undefined) return undefined;
  const { rollouts, optedOut } = apart(told);
  const open = rollouts.filter((rollout) => !isComplete(rollout));
  const halted = open.filter(({ phase }) => phase === 'Halted');
  if (halted.length > 0) return haltedClaim(halted);
  const [first] = URGENT.flatMap(([phase]) => open.filter((rollout) => rollout.phase === phase)).concat(
    open.filter(({ phase }) => phase !== 'DryRun'),
    open,
  );
  if (first === undefined) return allComplete(rollouts.length, optedOut);
  const others = open.length > 1 ? ` (and ${open.length - 1} more)` : '';
  const message = `${first.kind} ${first.name}${others}: ${first.phase}, ${first.message ?? ''}`;
  const [, reason = 'RolloutsProgressing'] = URGENT.find(([phase]) => phase === first.phase) ?? [];
  // A dry run is no trouble; complete would be too much said.
  return first.phase === 'DryRun'
    ? { status: 'True', reason: 'RestartsDryRun', message }
    : { status: 'False', reason, message };
}

function haltedClaim([first, ...others]: readonly RolloutStatus[]): Claim {
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  const message = `${first?.kind} ${first?.name}${more}: ${first?.message}; this ends when it recovers, when content changes again, or when the annotation appconfig.dev/refresh of the binding gets a new value`;
  return { status: 'False', reason: 'RolloutsHalted', message };
}

/** Phases in which a person is needed, the most urgent first. */
const URGENT: readonly (readonly [phase: string, reason: Claim['reason']])[] = [
  ['Failed', 'RolloutFailed'],
  ['NotFound', 'WorkloadNotFound'],
  ['Paused', 'RolloutPaused'],
  ['OnDelete', 'RolloutPaused'],
];

function allComplete(workloads: number, optedOut: readonly RolloutStatus[]): Claim {
  const [first] = optedOut;
  const more = optedOut.length > 1 ? ` (and ${optedOut.length - 1} more)` : '';
  const apart = first === undefined ? '' : `${first.kind} ${first.name}${more} opted out of restarts`;
  if (workloads > 0) {
    const message = `${workloads} of ${workloads} workloads run with the current content`;
    return { status: 'True', reason: 'Completed', message: apart === '' ? message : `${message}; ${apart}` };
  }
  const message =
    apart === '' ? 'no workload needs a restart to see changes' : `nothing is restarted: ${apart}`;
  return { status: 'True', reason: 'NoRestartNeeded', message };
}
