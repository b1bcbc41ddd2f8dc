import type { TargetStatus } from '../api/schema.ts';
import { conflict, type Failure, fail, ok, type Result } from '../domain/failure.ts';
import { firstRound } from '../domain/schedule.ts';
import type { Claim } from '../domain/status/conditions.ts';
import type { Facts } from '../domain/status/status.ts';
import type { TargetObject } from '../domain/targets.ts';
import { restartDeeds } from './deeds.ts';
import type { Dependencies } from './dependencies.ts';
import type { Deed } from './ended.ts';
import { LISTING_AGE_MS } from './listings.ts';
import { restartsWait } from './memory.ts';
import type { PlannedPass } from './pass.ts';
import { recorded } from './steps/inspect.ts';
import { readTarget } from './steps/read-target.ts';
import {
  followRollouts,
  isOpen,
  type LiveTargets,
  type Look,
  restart,
  targetNames,
} from './steps/restart.ts';
import type { Written } from './steps/write.ts';

/** What a look at the workloads adds to the end of a pass. */
export interface WorkloadNews {
  readonly facts: Facts;
  readonly deeds: readonly Deed[];
  /** What to say of the rollouts instead of how far they are. */
  readonly rolloutTrouble?: Claim;
}

export const nothing: WorkloadNews = { facts: {}, deeds: [] };

/** Looks at the workloads after the targets were written. */
export function restartAfter(pass: PlannedPass, written: Written, deps: Dependencies): Promise<WorkloadNews> {
  const targets = () => wholeTargets(pass, written, deps);
  return restartAll(pass, { fresh: !written.brandNew, targets, again: written.brandNew }, deps);
}

/** As they were written; what was not even read, because it is kept, is read now. */
async function wholeTargets(
  pass: PlannedPass,
  { applied }: Written,
  deps: Dependencies,
): Promise<Result<LiveTargets>> {
  const targets: TargetObject[] = [];
  for (const { object, status } of applied) {
    const whole = object.data === undefined ? await readAsKnown(pass, status, deps) : ok(object);
    if (!whole.ok) return whole;
    targets.push({ ...whole.value, kind: status.kind });
  }
  return ok(targets);
}

interface AndAgain extends Look {
  /** Workloads are often applied right after their binding: look again soon. */
  readonly again: boolean;
}

/** Lists workloads and restarts those that need it. */
async function restartAll(pass: PlannedPass, look: AndAgain, deps: Dependencies): Promise<WorkloadNews> {
  const result = await restart(pass, look, deps);
  if (!result.ok) return troubled(pass, result.failure);
  const { memory, now } = pass;
  memory.workloadsDueAt = now + (look.again ? soon(pass) : deps.settings.driftIntervalMs);
  const { records: restarts, rollouts, restarted, denied } = result.value;
  const news = { facts: { restarts, rollouts }, deeds: restartDeeds(restarted) };
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

const SOON_MS = 10_000;

/** When the workloads of a new binding are looked at, spread: those of a namespace share what they see. */
export const soon = ({ namespace = '' }: Whose): number => SOON_MS + firstRound(SOON_MS, namespace);

/** The same for a binding that is only new to this process. */
export const someTime = ({ namespace = '', name }: Whose, intervalMs: number): number =>
  firstRound(intervalMs, namespace) + firstRound(LISTING_AGE_MS / 2, name);

interface Whose {
  readonly namespace?: string;
  readonly name: string;
}

/** Workloads could not be looked at: tried again with the next refresh, or when the server said. */
function troubled({ memory, plan, now }: PlannedPass, failure: Failure): WorkloadNews {
  if (failure.kind === 'cancelled') return nothing;
  const asked = 'retryAfterMs' in failure ? (failure.retryAfterMs ?? 0) : 0;
  memory.workloadsDueAt = now + Math.max(plan.refreshIntervalMs, asked);
  // What changed meanwhile is met by the next pass, and no news for a user.
  if (failure.kind === 'conflict') return nothing;
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
    return restartAll(pass, { fresh: false, targets: () => liveTargets(pass, deps), again: false }, deps);
  }
  if (!open) return nothing;
  const rollouts = await followRollouts(pass, deps);
  return rollouts.ok ? { facts: { rollouts: rollouts.value }, deeds: [] } : troubled(pass, rollouts.failure);
}

async function liveTargets(pass: PlannedPass, deps: Dependencies): Promise<Result<LiveTargets>> {
  const targets: TargetObject[] = [];
  for (const { kind, name } of targetNames(pass)) {
    const known = recorded(pass, kind, name) ?? { kind, name };
    const found = await readAsKnown(pass, known, deps);
    if (!found.ok) return found;
    targets.push({ ...found.value, kind });
  }
  return ok(targets);
}

/**
 * A target as it stands, unless someone else has changed or deleted it meanwhile: it is put back first, so that
 * nothing is restarted into content that is about to go.
 */
async function readAsKnown(
  pass: PlannedPass,
  { kind, name, uid, resourceVersion }: Pick<TargetStatus, 'kind' | 'name' | 'uid' | 'resourceVersion'>,
  deps: Dependencies,
): Promise<Result<TargetObject>> {
  const found = await readTarget(pass, kind, name, deps);
  if (!found.ok) return found;
  const { metadata } = found.value ?? {};
  if (found.value && metadata?.uid === uid && metadata?.resourceVersion === resourceVersion)
    return ok(found.value);
  pass.memory.driftDueAt = pass.now;
  return fail(conflict('Conflict', `${kind} ${pass.namespace}/${name} was changed meanwhile`));
}
