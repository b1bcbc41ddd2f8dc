import { ok, type Result } from '../../domain/failure.ts';
import { firstRound } from '../../domain/schedule.ts';
import type { DesiredTarget } from '../../domain/targets/desired-target.ts';
import { dataDigest, type TargetObject } from '../../domain/targets/targets.ts';
import { notePutBack } from '../contested.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import type { Applied } from './applied.ts';
import { applyTarget, isFirst } from './apply.ts';
import type { Existing } from './existing.ts';
import type { Fetched } from './fetch.ts';
import { sightingOf } from './inspect.ts';
import type { KeptSecrets } from './keep.ts';
import { type Left, leaveStale, NOTHING_LEFT } from './leave.ts';
import type { Resolved } from './outcome.ts';
import { hasSecretOfItsOwn } from './own-secrets.ts';
import { isMerging, readTarget } from './read-target.ts';
import { renderTargets } from './render.ts';
import { reserveTargets } from './reserve.ts';

export interface Written extends Left {
  readonly applied: readonly Applied[];
  /** All of them were made for the first time: no pod can have read anything else. */
  readonly brandNew: boolean;
  /** Everything that the spec names was written. */
  readonly complete: boolean;
}

/**
 * Makes the targets what they should be: their names into the status first, so that a later rename finds them;
 * then the Secret, then the ConfigMap, then away with the targets of an earlier spec.
 *
 * Settings and secrets of a binding start together: while a key has no value, nothing is created that has
 * never existed.
 */
export async function writeTargets(
  pass: PlannedPass,
  fetched: Fetched,
  resolved: Resolved,
  existing: Existing,
  keptSecrets: KeptSecrets | undefined,
  deps: Dependencies,
): Promise<Result<Written>> {
  const kept = keptSecrets?.applied ?? [];
  const desired = renderTargets(pass, { fetched, resolved, existing }, kept.length > 0, deps);
  if (!desired.ok) return desired;
  const writable = desired.value.filter((target) => resolved.unresolved.size === 0 || !isFirst(pass, target));
  const reserved = await reserveTargets(pass, writable, deps);
  if (!reserved.ok) return reserved;
  const applied: Applied[] = [...kept];
  for (const target of writable) {
    const result = await applyOne(reserved.value, target, existing, deps);
    if (!result.ok) return result;
    applied.push(result.value);
    remember(pass, result.value, deps);
  }
  const brandNew =
    writable.every((target) => isFirst(pass, target)) && applied.every(({ action }) => action === 'created');
  // What an earlier spec named is the last good content until there is something in its place.
  const complete = writable.length === desired.value.length && !leavesCertificate(pass, fetched, resolved);
  if (!complete) return ok({ ...NOTHING_LEFT, applied, brandNew, complete });
  const named = [...kept.map(({ status }) => status), ...desired.value];
  const left = await leaveStale(reserved.value, named, deps);
  return left.ok ? ok({ ...left.value, applied, brandNew, complete }) : left;
}

/** One without a value stays as it is, if it was ever made. */
const leavesCertificate = (pass: PlannedPass, { merged }: Fetched, { unresolved }: Resolved): boolean =>
  [...unresolved].some((key) => hasSecretOfItsOwn(pass, key, merged.entries.get(key)));

async function applyOne(
  pass: PlannedPass,
  target: DesiredTarget,
  existing: Existing,
  deps: Dependencies,
): Promise<Result<Applied>> {
  const known = existingOf(target, existing);
  const holds = target.kind === 'Secret' ? undefined : existing.configMapHolds;
  const result = await applyTarget(pass, target, known, deps, holds);
  // Something is not as we thought: the next pass reads it.
  if (!result.ok && holds !== undefined) pass.memory.configMapDigest = undefined;
  if (result.ok) notePutBack(pass, known, result.value);
  const inTheWay =
    !result.ok && result.failure.kind === 'conflict' && known === undefined && !isMerging(pass);
  if (!inTheWay) return result;
  // Created before, by a pass that crashed, by an earlier binding of this name, or by someone else: look.
  const found = await readTarget(pass, target.kind, target.name, deps);
  return found.ok ? applyTarget(pass, target, found.value, deps) : found;
}

function existingOf({ kind, name, holds }: DesiredTarget, existing: Existing): TargetObject | undefined {
  if (holds === 'Certificate') return existing.certificates.get(name);
  return kind === 'Secret' ? existing.secret : existing.configMap;
}

export function remember(
  pass: PlannedPass,
  { status, object, action }: Applied,
  { settings }: Dependencies,
): void {
  const { memory, now, key } = pass;
  if (status.kind === 'Secret' || isMerging(pass)) {
    // Spread: many bindings are often written together.
    const half = settings.driftIntervalMs / 2;
    memory.driftDueAt = now + half + firstRound(half, key);
  }
  if (status.kind === 'Secret') {
    memory.secrets.set(status.name, sightingOf(object));
    return;
  }
  memory.configMap = sightingOf(object);
  memory.configMapDigest =
    object.immutable === true || isMerging(pass) ? undefined : dataDigest(object.data ?? {});
  if (action !== 'unchanged') memory.configMapWrittenAt = now;
}
