import type { TargetStatus } from '../../api/schema.ts';
import { ok, type Result } from '../../domain/failure.ts';
import { firstRound } from '../../domain/schedule.ts';
import { type DesiredTarget, dataDigest, type TargetObject } from '../../domain/targets.ts';
import { notePutBack } from '../contested.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import type { Applied } from './applied.ts';
import { applyTarget, isFirst } from './apply.ts';
import type { Fetched } from './fetch.ts';
import { sightingOf } from './inspect.ts';
import { type KeptSecret, knownConfigMap } from './keep.ts';
import { type Left, leaveStale, NOTHING_LEFT } from './leave.ts';
import type { Resolved } from './outcome.ts';
import { isMerging, readTarget } from './read-target.ts';
import { renderTargets } from './render.ts';
import { reserveTargets } from './reserve.ts';

/** The targets as they stand, undefined where there is none (or none was ever made by this binding). */
export interface Existing {
  readonly configMap: TargetObject | undefined;
  readonly secret: TargetObject | undefined;
  /** Digest of the ConfigMap's data, where only its metadata is at hand. */
  readonly configMapHolds?: string;
}

/** Reads what is not known already. */
export async function readTargets(
  pass: PlannedPass,
  keptSecret: KeptSecret | undefined,
  deps: Dependencies,
): Promise<Result<Existing>> {
  const { configMap, secret } = pass.plan;
  const known = configMap && knownConfigMap(pass, configMap.name, deps);
  const [readConfigMap, readSecret] = await Promise.all([
    known ? ok(known.object) : readUnlessFirst(pass, 'ConfigMap', configMap, deps),
    keptSecret ? ok(keptSecret.applied.object) : readUnlessFirst(pass, 'Secret', secret, deps),
  ]);
  if (!readConfigMap.ok) return readConfigMap;
  if (!readSecret.ok) return readSecret;
  const existing = { configMap: readConfigMap.value, secret: readSecret.value };
  return ok(known ? { ...existing, configMapHolds: known.digest } : existing);
}

/** Values that a key, or a flag, without a new one keeps are in the data: then it is read after all. */
export async function withConfigMapData(
  pass: PlannedPass,
  existing: Existing,
  { unresolved }: Resolved,
  { flags }: Fetched,
  deps: Dependencies,
): Promise<Result<Existing>> {
  const keepsValues = unresolved.size > 0 || (flags?.invalid.length ?? 0) > 0;
  if (!keepsValues || existing.configMapHolds === undefined) return ok(existing);
  const read = await readUnlessFirst(pass, 'ConfigMap', pass.plan.configMap, deps);
  return read.ok ? ok({ configMap: read.value, secret: existing.secret }) : read;
}

async function readUnlessFirst(
  pass: PlannedPass,
  kind: TargetStatus['kind'],
  wanted: { readonly name: string } | undefined,
  deps: Dependencies,
): Promise<Result<TargetObject | undefined>> {
  if (wanted === undefined) return ok(undefined);
  // What is merged into exists before; what is created does not.
  if (!isMerging(pass) && isFirst(pass, { kind, name: wanted.name })) return ok(undefined);
  return readTarget(pass, kind, wanted.name, deps);
}

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
  keptSecret: KeptSecret | undefined,
  deps: Dependencies,
): Promise<Result<Written>> {
  const kept = keptSecret === undefined ? [] : [keptSecret.applied];
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
  if (writable.length < desired.value.length)
    return ok({ ...NOTHING_LEFT, applied, brandNew, complete: false });
  const named = [...kept.map(({ status }) => status), ...desired.value];
  const left = await leaveStale(reserved.value, named, deps);
  return left.ok ? ok({ ...left.value, applied, brandNew, complete: true }) : left;
}

async function applyOne(
  pass: PlannedPass,
  target: DesiredTarget,
  existing: Existing,
  deps: Dependencies,
): Promise<Result<Applied>> {
  const known = target.kind === 'Secret' ? existing.secret : existing.configMap;
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
    memory.secret = sightingOf(object);
    return;
  }
  memory.configMap = sightingOf(object);
  memory.configMapDigest =
    object.immutable === true || isMerging(pass) ? undefined : dataDigest(object.data ?? {});
  if (action !== 'unchanged') memory.configMapWrittenAt = now;
}
