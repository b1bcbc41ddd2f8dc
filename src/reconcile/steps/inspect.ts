import { ANNOTATION_INPUT_HASH, ANNOTATION_REFERENCES } from '../../api/names.ts';
import type { TargetStatus } from '../../api/schema.ts';
import { fail, ok, type Result } from '../../domain/failure.ts';
import { configMapInput, inputHash, secretInput } from '../../domain/hash.ts';
import { decodeReferences, type ReferenceRecords } from '../../domain/references.ts';
import type { KubernetesObject } from '../../ports/kubernetes.ts';
import type { Dependencies } from '../dependencies.ts';
import { SECRET } from '../kinds.ts';
import { isNotFound, kubernetesFailure } from '../kubernetes-failures.ts';
import type { Sighting } from '../memory.ts';
import type { PlannedPass } from '../pass.ts';
import type { Tags } from './observe.ts';

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
  const secret = await secretSighting(pass, deps);
  if (!secret.ok) return secret;
  const records = decodeReferences(secret.value?.annotations[ANNOTATION_REFERENCES] ?? '');
  const { configMap, secret: wantedSecret } = pass.plan;
  const known = records ?? new Map();
  const sightings = [
    configMap && {
      record: recorded(pass, 'ConfigMap', configMap.name),
      seen: configMapSighting(pass, configMap.name, deps),
      hash: inputHash(deps.hashKey, configMapInput(pass.plan, tags)),
    },
    wantedSecret && {
      record: recorded(pass, 'Secret', wantedSecret.name),
      seen: secret.value,
      // Unknown references: nothing can be told.
      hash: records && inputHash(deps.hashKey, secretInput(pass.plan, tags, known)),
    },
  ].filter((sighting) => sighting !== undefined);
  const current = onlyDesired(pass) && sightings.every(stands);
  const strange = sightings.some((sighting) => sighting.record?.uid !== undefined && !isUntouched(sighting));
  return ok({ current, strange, records: known, tags });
}

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

/** No target of an earlier spec is left to remove. */
function onlyDesired({ plan, previous }: PlannedPass): boolean {
  return (previous.targets ?? []).every(
    ({ kind, name }) => name === (kind === 'ConfigMap' ? plan.configMap?.name : plan.secret?.name),
  );
}

/** ConfigMaps are watched (metadata only); right after a write our own knowledge is newer than the informer's. */
function configMapSighting(pass: PlannedPass, name: string, deps: Dependencies): Sighting | undefined {
  const { configMap: written, configMapWrittenAt } = pass.memory;
  const cached = deps.configMaps.get(`${pass.namespace}/${name}`);
  if (cached === undefined) return pass.now - configMapWrittenAt < CACHE_LAG_MS ? written : undefined;
  const seen = sightingOf(cached);
  return written !== undefined && written.uid === seen.uid && isOlder(seen, written) ? written : seen;
}

/** Secrets are never watched: metadata is read by name, on the drift interval and after a restart. */
async function secretSighting(
  pass: PlannedPass,
  { kube, settings }: Dependencies,
): Promise<Result<Sighting | undefined>> {
  const { plan, memory, namespace, now, signal } = pass;
  if (plan.secret === undefined) return ok(undefined);
  const { name } = plan.secret;
  if (memory.secret?.name === name && now < memory.driftDueAt) return ok(memory.secret);
  if (recorded(pass, 'Secret', name)?.uid === undefined) return ok(undefined);
  const found = await kube.get({ type: SECRET, namespace, name }, { metadataOnly: true, signal });
  if (!found.ok && !isNotFound(found.error)) {
    return fail(kubernetesFailure(found.error, `reading Secret ${namespace}/${name}`));
  }
  memory.driftDueAt = now + settings.driftIntervalMs;
  memory.secret = found.ok ? sightingOf(found.value) : undefined;
  return ok(memory.secret);
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
