import { ANNOTATION_INPUT_HASH, ANNOTATION_REFERENCES } from '../../api/names.ts';
import type { TargetStatus } from '../../api/schema.ts';
import { fail, ok, type Result } from '../../domain/failure.ts';
import {
  certificateInput,
  configMapInput,
  type HashInput,
  inputHash,
  secretInput,
} from '../../domain/input-hash.ts';
import {
  decodeReferences,
  type ReferenceRecord,
  type ReferenceRecords,
} from '../../domain/secrets/references.ts';
import type { KubernetesObject } from '../../ports/kubernetes.ts';
import type { Dependencies } from '../dependencies.ts';
import { isNotFound, kubernetesFailure } from '../kubernetes-failures.ts';
import type { Sighting } from '../memory.ts';
import type { PlannedPass } from '../pass.ts';
import type { Tags } from './observe.ts';
import { asTarget, isMerging, targetRef } from './read-target.ts';

/**
 * Are the targets what they should be, judged by metadata alone?
 *
 * Guarantees: `current` is true only if each target stands at the resourceVersion recorded in the status and
 * carries the hash of exactly what would be rendered now. The status is written last, so a crash anywhere
 * before it makes this false, and the next pass does everything again.
 */
export interface Inspection {
  readonly current: boolean;
  /** Someone else wrote or deleted a target since the last pass that was reported. */
  readonly strange: boolean;
  /** What the Secret's references were when it was written. Empty where unknown. */
  readonly records: ReferenceRecords;
  /** What the store held when this was judged. */
  readonly tags: Tags;
}

/** The informer may be this late with our own create. */
const CACHE_LAG_MS = 10_000;

export async function inspect(
  pass: PlannedPass,
  tags: Tags,
  deps: Dependencies,
): Promise<Result<Inspection>> {
  const looked = await lookedUp(pass, deps);
  if (!looked.ok) return looked;
  const { secrets, merged } = looked.value;
  const { configMap } = pass.plan;
  const seen = secrets.map((sighting) => expectedSecret(pass, sighting, tags, deps));
  const sightings = [
    ...(configMap === undefined ? [] : [expectedConfigMap(pass, configMap.name, merged, tags, deps)]),
    ...seen,
  ];
  const current = onlyDesired(pass) && sightings.every(stands);
  const strange = sightings.some((sighting) => sighting.record?.uid !== undefined && !isUntouched(sighting));
  const records = new Map(seen.flatMap((one) => [...one.records]));
  return ok({ current, strange, records, tags });
}

const expectedConfigMap = (
  pass: PlannedPass,
  name: string,
  merged: Sighting | undefined,
  tags: Tags,
  deps: Dependencies,
): Expectation => ({
  record: recorded(pass, 'ConfigMap', name),
  seen: isMerging(pass) ? merged : configMapSighting(pass, name, deps),
  hash: inputHash(deps.hashKey, configMapInput(pass.plan, tags)),
});

interface SecretExpectation extends Expectation {
  readonly records: ReferenceRecords;
}

/** Of the Secret of the spec, or of one that holds a certificate. Unknown references: nothing can be told. */
function expectedSecret(
  pass: PlannedPass,
  { name, seen }: SeenSecret,
  tags: Tags,
  { hashKey }: Pick<Dependencies, 'hashKey'>,
): SecretExpectation {
  const records = decodeReferences(seen?.annotations[ANNOTATION_REFERENCES]);
  const input =
    name === pass.plan.secret?.name
      ? records && secretInput(pass.plan, tags, records)
      : certificateInputOf(pass, name, records?.get(name));
  const hash = input && inputHash(hashKey, input);
  return { record: recorded(pass, 'Secret', name), seen, hash, records: records ?? new Map() };
}

const certificateInputOf = (
  { plan }: PlannedPass,
  name: string,
  record: ReferenceRecord | undefined,
): HashInput | undefined => record && certificateInput(plan, name, record);

interface Expectation {
  readonly record: TargetStatus | undefined;
  readonly seen: Sighting | undefined;
  readonly hash: string | undefined;
}

const isUntouched = ({ record, seen }: Expectation): boolean =>
  record !== undefined &&
  seen !== undefined &&
  seen.uid === record.uid &&
  seen.resourceVersion === record.resourceVersion;

const stands = (expectation: Expectation): boolean =>
  isUntouched(expectation) && expectation.seen?.annotations[ANNOTATION_INPUT_HASH] === expectation.hash;

export const recorded = (
  { previous }: { readonly previous: PlannedPass['previous'] },
  kind: TargetStatus['kind'],
  name: string,
): TargetStatus | undefined =>
  previous.targets?.find((target) => target.kind === kind && target.name === name);

/** No target of an earlier spec is left to remove. Which certificates there are follows from what is read. */
function onlyDesired({ plan, previous }: PlannedPass): boolean {
  return (previous.targets ?? []).every(
    ({ kind, name, holds }) =>
      holds !== undefined || name === (kind === 'ConfigMap' ? plan.configMap?.name : plan.secret?.name),
  );
}

/** Names of the Secrets that hold a certificate, as the status records them. */
export const certificateNames = ({ previous }: Pick<PlannedPass, 'previous'>): readonly string[] =>
  (previous.targets ?? []).filter(({ holds }) => holds === 'Certificate').map(({ name }) => name);

/** ConfigMaps are watched (metadata only); right after a write our own knowledge is newer than the informer's. */
function configMapSighting(pass: PlannedPass, name: string, deps: Dependencies): Sighting | undefined {
  const { configMap: written, configMapWrittenAt } = pass.memory;
  const cached = deps.configMaps.get(`${pass.namespace}/${name}`);
  if (cached === undefined) return pass.now - configMapWrittenAt < CACHE_LAG_MS ? written : undefined;
  const seen = sightingOf(cached);
  return written !== undefined && written.uid === seen.uid && isOlder(seen, written) ? written : seen;
}

interface SeenSecret {
  readonly name: string;
  readonly seen: Sighting | undefined;
}

interface LookedUp {
  /** That of the spec, and those that hold a certificate. */
  readonly secrets: readonly SeenSecret[];
  /** The ConfigMap that is merged into. */
  readonly merged: Sighting | undefined;
}

/**
 * Secrets are never watched, nor are ConfigMaps of others: metadata is read by name, on the drift interval and after
 * a restart.
 */
async function lookedUp(pass: PlannedPass, deps: Dependencies): Promise<Result<LookedUp>> {
  const { plan, memory, now } = pass;
  const names = [...new Set([...(plan.secret ? [plan.secret.name] : []), ...certificateNames(pass)])];
  for (const name of memory.secrets.keys()) if (!names.includes(name)) memory.secrets.delete(name);
  const due = now >= memory.driftDueAt;
  const secrets: SeenSecret[] = [];
  let read = false;
  for (const name of names) {
    const secret = await lookUp(pass, 'Secret', { name }, due ? undefined : memory.secrets.get(name), deps);
    if (!secret.ok) return secret;
    const { seen } = secret.value;
    read ||= secret.value.read;
    if (secret.value.read) note(memory.secrets, name, seen);
    secrets.push({ name, seen });
  }
  const wanted = isMerging(pass) ? plan.configMap : undefined;
  const merged = await lookUp(pass, 'ConfigMap', wanted, due ? undefined : memory.configMap, deps);
  if (!merged.ok) return merged;
  if (read || merged.value.read) memory.driftDueAt = now + deps.settings.driftIntervalMs;
  if (merged.value.read) memory.configMap = merged.value.seen;
  return ok({ secrets, merged: merged.value.seen });
}

function note(secrets: Map<string, Sighting>, name: string, seen: Sighting | undefined): void {
  if (seen === undefined) secrets.delete(name);
  else secrets.set(name, seen);
}

interface LookUp {
  /** Whether it was read now. */
  readonly read: boolean;
  readonly seen: Sighting | undefined;
}

async function lookUp(
  pass: PlannedPass,
  kind: TargetStatus['kind'],
  wanted: { readonly name: string } | undefined,
  known: Sighting | undefined,
  { kube }: Pick<Dependencies, 'kube'>,
): Promise<Result<LookUp>> {
  if (wanted === undefined) return ok({ read: false, seen: undefined });
  const { namespace, signal } = pass;
  const { name } = wanted;
  if (known?.name === name) return ok({ read: false, seen: known });
  if (recorded(pass, kind, name)?.uid === undefined) return ok({ read: false, seen: undefined });
  const found = await kube.get(targetRef(pass, kind, name), { metadataOnly: true, signal });
  if (!found.ok && !isNotFound(found.error))
    return fail(kubernetesFailure(found.error, `reading ${kind} ${namespace}/${name}`));
  return ok({ read: true, seen: found.ok ? sightingOf(asTarget(pass, found.value)) : undefined });
}

export function sightingOf({ metadata }: KubernetesObject): Sighting {
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    annotations: metadata.annotations ?? {},
  };
}

/**
 * Resource versions of one resource are ordered decimal numbers (Kubernetes 1.35, KEP-5504); anything else is
 * taken as newer, which costs one more look and nothing else.
 */
function isOlder(a: Sighting, b: Sighting): boolean {
  const decimal = /^\d+$/;
  if (!decimal.test(a.resourceVersion) || !decimal.test(b.resourceVersion)) return false;
  return BigInt(a.resourceVersion) < BigInt(b.resourceVersion);
}
