import type { TargetStatus } from '../../api/schema.ts';
import { ok, type Result } from '../../domain/failure.ts';
import type { Merged } from '../../domain/merge.ts';
import type { TargetObject } from '../../domain/targets/targets.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import type { Applied } from './applied.ts';
import { isFirst } from './apply.ts';
import type { Fetched } from './fetch.ts';
import { type KeptSecrets, knownConfigMap } from './keep.ts';
import type { Resolved } from './outcome.ts';
import { isMerging, readTarget } from './read-target.ts';

/** The targets as they stand, undefined where there is none (or none was ever made by this binding). */
export interface Existing {
  readonly configMap: TargetObject | undefined;
  readonly secret: TargetObject | undefined;
  /** Secrets that hold a certificate, by name. */
  readonly certificates: ReadonlyMap<string, TargetObject>;
  /** Digest of the ConfigMap's data, where only its metadata is at hand. */
  readonly configMapHolds?: string;
}

/** Reads what is not known already. */
export async function readTargets(
  pass: PlannedPass,
  { merged }: Fetched,
  kept: KeptSecrets | undefined,
  deps: Dependencies,
): Promise<Result<Existing>> {
  const { configMap, secret } = pass.plan;
  const known = configMap && knownConfigMap(pass, configMap.name, deps);
  const [readConfigMap, readSecret, certificates] = await Promise.all([
    known ? ok(known.object) : readUnlessFirst(pass, 'ConfigMap', configMap, deps),
    kept ? ok(kept.applied[0]?.object) : readUnlessFirst(pass, 'Secret', secret, deps),
    kept ? ok(objectsOf(kept.applied.slice(1))) : readCertificates(pass, merged, deps),
  ]);
  if (!readConfigMap.ok) return readConfigMap;
  if (!readSecret.ok) return readSecret;
  if (!certificates.ok) return certificates;
  const secrets = { secret: readSecret.value, certificates: certificates.value };
  const existing = { configMap: readConfigMap.value, ...secrets };
  return ok(known ? { ...existing, configMapHolds: known.digest } : existing);
}

const objectsOf = (applied: readonly Applied[]): ReadonlyMap<string, TargetObject> =>
  new Map(applied.map(({ status, object }) => [status.name, object]));

async function readCertificates(
  pass: PlannedPass,
  { entries }: Merged,
  deps: Dependencies,
): Promise<Result<ReadonlyMap<string, TargetObject>>> {
  const objects = new Map<string, TargetObject>();
  for (const [name, entry] of entries) {
    if (entry.kind !== 'reference' || entry.use?.as !== 'certificate') continue;
    const read = await readUnlessFirst(pass, 'Secret', { name }, deps);
    if (!read.ok) return read;
    if (read.value !== undefined) objects.set(name, read.value);
  }
  return ok(objects);
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
  const { configMapHolds: _, ...others } = existing;
  return read.ok ? ok({ ...others, configMap: read.value }) : read;
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
