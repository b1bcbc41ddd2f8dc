import type { TargetStatus } from '../api/schema.ts';
import { type Failure, ok, type Result } from '../domain/failure.ts';
import type { Claim } from '../domain/status/conditions.ts';
import type { Facts } from '../domain/status/status.ts';
import type { TargetObject } from '../domain/targets.ts';
import type { Dependencies } from './dependencies.ts';
import type { Deed } from './ended.ts';
import { restartsWait } from './memory.ts';
import type { PlannedPass } from './pass.ts';
import { readTarget } from './steps/apply.ts';
import { followRollouts, isOpen, type LiveTargets, restart } from './steps/restart.ts';

/** What a look at the workloads adds to the end of a pass. */
export interface WorkloadNews {
  readonly facts: Facts;
  readonly deeds: readonly Deed[];
  /** What to say of the rollouts instead of how far they are. */
  readonly rolloutTrouble?: Claim;
}

const nothing: WorkloadNews = { facts: {}, deeds: [] };

/** Lists workloads and restarts those that need it. `targets`: as they stand on the server. */
export async function restartAll(
  pass: PlannedPass,
  targets: readonly TargetObject[],
  deps: Dependencies,
): Promise<WorkloadNews> {
  const result = await restart(pass, byKind(targets), deps);
  if (!result.ok) return troubled(pass, result.failure);
  pass.memory.workloadsDueAt = pass.now + deps.settings.driftIntervalMs;
  const { records: restarts, rollouts, restarted, denied } = result.value;
  const news = { facts: { restarts, rollouts }, deeds: restarted.map(restartDeed) };
  if (denied.length === 0) return { ...news, ...restartsOff(pass, rollouts.length, deps) };
  const message = `the API server refused to restart ${denied.join(', ')}: give the operator the right to patch them (chart value rollouts.enabled), or set spec.rollout.restart: Never`;
  return { ...news, rolloutTrouble: { status: 'False', reason: 'RestartDenied', message } };
}

/** Restarts that are switched off are no trouble, but complete would be too much said. */
function restartsOff(
  { plan }: PlannedPass,
  workloads: number,
  { settings }: Dependencies,
): Pick<WorkloadNews, 'rolloutTrouble'> {
  if (workloads === 0 || (plan.restart === 'Auto' && settings.rolloutsEnabled)) return {};
  const why = settings.rolloutsEnabled
    ? 'spec.rollout.restart is Never'
    : 'the operator may not restart (rollouts-enabled is false)';
  const message = `${why}: ${workloads} of ${workloads} workloads see a change when they next restart`;
  return { rolloutTrouble: { status: 'True', reason: 'RolloutsDisabled', message } };
}

function byKind(targets: readonly TargetObject[]): LiveTargets {
  const of = (kind: TargetStatus['kind']) => targets.find((target) => target.kind === kind);
  const [configMap, secret] = [of('ConfigMap'), of('Secret')];
  return { ...(configMap === undefined ? {} : { configMap }), ...(secret === undefined ? {} : { secret }) };
}

const restartDeed = (workload: string): Deed => ({
  reason: 'Restarted',
  action: 'Restart',
  note: `restarted ${workload.replace('/', ' ')}: content that it reads only at its start has changed`,
});

/** Workloads could not be looked at: tried again with the next refresh, or when the server said. */
function troubled({ memory, plan, now }: PlannedPass, failure: Failure): WorkloadNews {
  if (failure.kind === 'cancelled') return nothing;
  const asked = 'retryAfterMs' in failure ? (failure.retryAfterMs ?? 0) : 0;
  memory.workloadsDueAt = now + Math.max(plan.refreshIntervalMs, asked);
  const { reason, message } = failure;
  return { ...nothing, rolloutTrouble: { status: 'False', reason, message } };
}

/** What is due about workloads while the targets stay as they are: a listing, or open rollouts. */
export async function attendWorkloads(pass: PlannedPass, deps: Dependencies): Promise<WorkloadNews> {
  const { memory, previous, now } = pass;
  const open = (previous.rollouts ?? []).some(isOpen);
  // Only the first few rollouts stand in the status; with more, all workloads are listed again.
  const partial = open && (previous.rolloutsTotal ?? 0) > (previous.rollouts?.length ?? 0);
  if ((now >= memory.workloadsDueAt || partial) && !restartsWait(memory)) {
    const targets = await liveTargets(pass, deps);
    return targets.ok ? restartAll(pass, targets.value, deps) : troubled(pass, targets.failure);
  }
  if (!open) return nothing;
  const rollouts = await followRollouts(pass, deps);
  return rollouts.ok ? { facts: { rollouts: rollouts.value }, deeds: [] } : troubled(pass, rollouts.failure);
}

async function liveTargets(pass: PlannedPass, deps: Dependencies): Promise<Result<readonly TargetObject[]>> {
  const { plan } = pass;
  const targets: TargetObject[] = [];
  for (const [kind, wanted] of [
    ['Secret', plan.secret],
    ['ConfigMap', plan.configMap],
  ] as const) {
    if (wanted === undefined) continue;
    const found = await readTarget(pass, kind, wanted.name, deps);
    if (!found.ok) return found;
    if (found.value !== undefined) targets.push({ ...found.value, kind });
  }
  return ok(targets);
}
