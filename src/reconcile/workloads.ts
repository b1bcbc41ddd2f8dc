import type { BindingStatus, RolloutStatus, TargetStatus } from '../api/schema.ts';
import { conflict, type Failure, fail, ok, type Result } from '../domain/failure.ts';
import { needsNoRestart } from '../domain/rollouts/job.ts';
import type { TargetName } from '../domain/rollouts/usage.ts';
import { firstRound } from '../domain/schedule.ts';
import type { Claim } from '../domain/status/conditions.ts';
import type { Facts } from '../domain/status/status.ts';
import type { TargetObject } from '../domain/targets/targets.ts';
import { dryRunDeeds, restartDeeds } from './deeds.ts';
import type { Dependencies } from './dependencies.ts';
import type { Deed, Ended } from './ended.ts';
import { restartsWait } from './memory.ts';
import type { PlannedPass } from './pass.ts';
import { deniedMessage } from './steps/denial.ts';
import { followRollouts, isOpen, waits } from './steps/follow.ts';
import { recorded } from './steps/inspect.ts';
import { certificateRole, type LiveTarget, type LiveTargets, targetNames } from './steps/judge.ts';
import type { LeftObject } from './steps/leave.ts';
import { readTarget } from './steps/read-target.ts';
import { type Look, restart } from './steps/restart.ts';
import { tellJobs } from './steps/tell-jobs.ts';
import type { Written } from './steps/write.ts';
import { LISTING_AGE_MS } from './workload-lists.ts';

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
  const { applied, brandNew } = written;
  if (!restartsWait(pass.memory)) {
    const targets = () => wholeTargets(pass, written, deps);
    return restartAll(pass, { fresh: !brandNew, targets, again: brandNew }, deps);
  }
  // Nothing is restarted: what is due is only told of.
  const others = targetNames(pass).filter(
    ({ kind, name }) => !applied.some(({ status }) => status.kind === kind && status.name === name),
  );
  const targets = async (): Promise<Result<LiveTargets>> => {
    const whole = await wholeTargets(pass, written, deps);
    if (!whole.ok) return whole;
    const kept = await liveTargets(pass, others, deps);
    return kept.ok ? ok([...whole.value, ...kept.value]) : kept;
  };
  return tellWaiting(pass, { fresh: false, targets, again: false }, others, deps);
}

/** What restarts wait for is known to the caller. While a target was never made, no pod has read it. */
async function tellWaiting(
  pass: PlannedPass,
  look: AndAgain,
  read: readonly TargetName[],
  deps: Dependencies,
): Promise<WorkloadNews> {
  if (read.every((target) => wasMade(pass, target))) return restartAll(pass, look, deps);
  pass.memory.workloadsDueAt = pass.now + deps.settings.driftIntervalMs;
  return nothing;
}

const wasMade = (pass: PlannedPass, { kind, name }: TargetName): boolean =>
  recorded(pass, kind, name)?.uid !== undefined;

/** As they were written; what was not even read, because it is kept, is read now. */
async function wholeTargets(
  pass: PlannedPass,
  { applied, objects: left }: Written,
  deps: Dependencies,
): Promise<Result<LiveTargets>> {
  const targets: LiveTarget[] = left.map((object) => ({ ...object, leftRole: roleOf(object) }));
  for (const { object, status } of applied) {
    const whole = object.data === undefined ? await readAsKnown(pass, status, deps) : ok(object);
    if (!whole.ok) return whole;
    targets.push({ ...whole.value, kind: status.kind });
  }
  return ok(targets);
}

const roleOf = ({ kind, holds, metadata: { name } }: LeftObject): string =>
  kind === 'ConfigMap' ? 'configMap' : holds === 'Certificate' ? certificateRole(name) : 'secret';

interface AndAgain extends Look {
  /** Workloads are often applied right after their binding: look again soon. */
  readonly again: boolean;
}

/** Lists workloads and restarts those that need it. */
async function restartAll(pass: PlannedPass, look: AndAgain, deps: Dependencies): Promise<WorkloadNews> {
  // Side by side: no restart waits for what is only told.
  const [result, jobs] = await Promise.all([restart(pass, look, deps), tellJobs(pass, deps)]);
  if (!result.ok) return troubled(pass, result.failure, deps);
  const { memory, now } = pass;
  memory.workloadsDueAt = now + (look.again ? soon(pass) : deps.settings.driftIntervalMs);
  const { records: restarts, rollouts: workloads, restarted, spared, denied, dueAt, trouble } = result.value;
  memory.restartsDueAt = dueAt;
  const deeds = [...restartDeeds(restarted), ...dryRunDeeds(spared)];
  const rollouts = [...workloads, ...jobs];
  const news = { facts: { ...(restarts && { restarts }), rollouts }, deeds };
  if (trouble !== undefined) return { ...troubled(pass, trouble, deps, dueAt), ...news };
  if (denied.length === 0) return { ...news, ...restartsOff(pass, workloads.length, deps) };
  const refused: Claim = { status: 'False', reason: 'RestartDenied', message: deniedMessage(denied) };
  return { ...news, rolloutTrouble: refused };
}

/** What is no trouble, although "complete" or "not needed" would be the wrong word. */
function restartsOff(
  { plan: { rollout } }: PlannedPass,
  workloads: number,
  { settings }: Dependencies,
): Pick<WorkloadNews, 'rolloutTrouble'> {
  const off = !settings.rolloutsEnabled
    ? 'the operator may not restart (rollouts-enabled is false)'
    : rollout.policy.kind === 'never' && 'spec.rollout.restart is Never';
  if (workloads === 0) {
    if (off || rollout.policy.kind !== 'selected') return {};
    const message = 'spec.rollout.selector matches no workload of the namespace';
    return { rolloutTrouble: { status: 'True', reason: 'NoRestartNeeded', message } };
  }
  if (!off) return {};
  const message = `${off}: ${workloads} of ${workloads} workloads see a change when they next restart`;
  return { rolloutTrouble: { status: 'True', reason: 'RolloutsDisabled', message } };
}

const SOON_MS = 10_000;

/** When the workloads of a new binding are looked at, spread: those of a namespace share what they see. */
const soon = ({ namespace = '' }: Whose): number => SOON_MS + firstRound(SOON_MS, namespace);

/** The same for a binding that is only new to this process. */
const someTime = ({ namespace = '', name }: Whose, intervalMs: number): number =>
  firstRound(intervalMs, namespace) + firstRound(LISTING_AGE_MS / 2, name);

/**
 * When a process looks at the workloads of a binding that it meets for the first time, milliseconds from then.
 * Restarts that wait are found at once: others that want the same restart wait a few seconds for each other.
 */
export function firstLook(status: BindingStatus | undefined, whose: Whose, intervalMs: number): number {
  if (status?.rollout === undefined) return soon(whose);
  return status.rollouts?.some(waits) ? firstRound(AT_ONCE_MS, whose.name) : someTime(whose, intervalMs);
}
const AT_ONCE_MS = 2_000;

interface Whose {
  readonly namespace?: string;
  readonly name: string;
}

/**
 * Workloads could not be looked at, or not all: tried again with the next refresh, or when they would have been looked
 * at anyway, but not before the server said.
 *
 * @param dueAt when the first of the restarts that wait has its turn
 */
function troubled(
  { memory, plan, now }: PlannedPass,
  failure: Failure,
  { settings }: Pick<Dependencies, 'settings'>,
  dueAt = Infinity,
): WorkloadNews {
  if (failure.kind === 'cancelled') return nothing;
  const asked = 'retryAfterMs' in failure ? (failure.retryAfterMs ?? 0) : 0;
  memory.workloadsDueAt = now + Math.max(Math.min(plan.refreshIntervalMs, settings.driftIntervalMs), asked);
  memory.restartsDueAt = Math.max(dueAt, now + asked);
  // What changed meanwhile is met by the next pass, and no news for a user.
  if (failure.kind === 'conflict') return nothing;
  const { reason, message } = failure;
  return { ...nothing, rolloutTrouble: { status: 'False', reason, message } };
}

/** What is due about workloads while the targets stay as they are: a listing, or open rollouts. */
export async function attendWorkloads(
  pass: PlannedPass,
  deps: Dependencies,
  { asked } = { asked: false },
): Promise<WorkloadNews> {
  const { memory, now } = pass;
  const due = now >= Math.min(memory.workloadsDueAt, memory.restartsDueAt);
  const called = deps.desk.takeNews(pass.key);
  const names = targetNames(pass);
  const targets = () => liveTargets(pass, names, deps);
  const look = { fresh: false, targets, again: false };
  if (due || called || asked)
    return restartsWait(memory) ? tellWaiting(pass, look, names, deps) : restartAll(pass, look, deps);
  const again = () => restartAll(pass, { ...look, fresh: true }, deps);
  return follow(pass, restartsWait(memory) ? undefined : again, deps);
}

/** @param again looks at all workloads, since a restart that waits may have its turn; absent: nothing is restarted */
async function follow(
  pass: PlannedPass,
  again: (() => Promise<WorkloadNews>) | undefined,
  deps: Dependencies,
): Promise<WorkloadNews> {
  const { rollouts = [], rolloutsTotal = 0 } = pass.previous;
  if (!rollouts.some(isOpen)) return nothing;
  const followed = await followRollouts(pass, deps);
  if (!followed.ok) return troubled(pass, followed.failure, deps);
  // Only the first few rollouts stand in the status: those under way, and with more, not all that wait.
  const partial = rolloutsTotal > rollouts.length;
  const { changed } = followed.value;
  if (changed && (partial || rollouts.some(waits)) && again !== undefined) return again();
  if (partial) return nothing;
  const seen = followed.value.rollouts;
  return { facts: { rollouts: seen }, deeds: [], ...standsOn(pass, seen, deps) };
}

/** Who only follows rollouts tries no restart: what is said of restarts that are refused or off stays true. */
function standsOn(
  pass: PlannedPass,
  rollouts: readonly RolloutStatus[],
  deps: Dependencies,
): Pick<WorkloadNews, 'rolloutTrouble'> {
  const before = pass.previous.conditions?.find(({ type }) => type === 'RolloutsComplete');
  if (before?.reason === 'RestartDenied') {
    const { reason, message } = before;
    return { rolloutTrouble: { status: 'False', reason, message } };
  }
  const workloads = rollouts.filter((rollout) => !needsNoRestart(rollout));
  return workloads.length === 0 ? {} : restartsOff(pass, workloads.length, deps);
}

const GOES_ON: ReadonlySet<Failure['kind']> = new Set(['blocked', 'throttled', 'unavailable']);

/**
 * The end of a pass that failed before it came to the workloads, with what goes on all the same: rollouts are followed,
 * and restarts that are due for what is written are made. An API server in trouble is left alone.
 */
export async function alsoWorkloads(pass: PlannedPass, ended: Ended, deps: Dependencies): Promise<Ended> {
  const { verdict, facts, deeds } = ended;
  if (verdict.kind !== 'failed' || verdict.wentOn || !GOES_ON.has(verdict.failure.kind)) return ended;
  if ('reason' in verdict.failure && verdict.failure.reason === 'KubernetesUnavailable') return ended;
  if (!isWritten(pass)) return ended;
  // That also closes the breaker.
  const asked = pass.refreshRequested && facts.lastHandledRefresh !== undefined;
  // Whether restarts wait for a reference is not known before references were read.
  const isKnown = pass.memory.trouble.kind !== 'unknown';
  const news = await (isKnown ? attendWorkloads(pass, deps, { asked }) : follow(pass, undefined, deps));
  return { ...ended, ...news, facts: { ...facts, ...news.facts }, deeds: [...deeds, ...news.deeds] };
}

/** The targets of the spec have been written, and none is left of an earlier spec. */
function isWritten(pass: PlannedPass): boolean {
  const names = targetNames(pass);
  const { targets = [] } = pass.previous;
  return (
    names.every((target) => wasMade(pass, target)) &&
    targets.every(({ kind, name }) => names.some((wanted) => wanted.kind === kind && wanted.name === name))
  );
}

async function liveTargets(
  pass: PlannedPass,
  names: readonly TargetName[],
  deps: Dependencies,
): Promise<Result<LiveTargets>> {
  const targets: LiveTarget[] = [];
  for (const { kind, name } of names) {
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
