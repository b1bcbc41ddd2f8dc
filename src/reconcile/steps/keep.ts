import { ANNOTATION_INPUT_HASH, ANNOTATION_REFERENCES } from '../../api/names.ts';
import type { TargetStatus } from '../../api/schema.ts';
import type { ReferenceEntry } from '../../domain/content/entry.ts';
import { isFor } from '../../domain/content/secret-content.ts';
import { certificateInput, inputHash, secretInput } from '../../domain/input-hash.ts';
import type { Merged } from '../../domain/merge.ts';
import { decodeReferences, type ReferenceRecords } from '../../domain/secrets/references.ts';
import type { TargetObject } from '../../domain/targets/targets.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Sighting } from '../memory.ts';
import type { PlannedPass } from '../pass.ts';
import type { Applied } from './applied.ts';
import type { Fetched } from './fetch.ts';
import type { Readers } from './identify.ts';
import { recorded, sightingOf } from './inspect.ts';
import type { Resolved } from './outcome.ts';
import { mayBeRead } from './read-secrets.ts';
import { isMerging } from './read-target.ts';
import type { Trusted } from './trusted.ts';

/**
 * What need not be read to write the rest.
 *
 * Guarantees: only what is known at exactly the resourceVersion that the status records, or that our last write gave,
 * is taken for known. A ConfigMap is then written on that very version: whoever wrote in between makes it a conflict,
 * and the next pass reads.
 */
export interface KeptSecrets {
  readonly resolved: Resolved;
  /** Their metadata, without data; the Secret of the spec first. */
  readonly applied: readonly Applied[];
}

/**
 * The Secrets, if nothing that decides them has changed and neither they nor a reference is due for a look: all of
 * them or none.
 */
export function keepSecrets(
  pass: PlannedPass,
  { merged: { entries }, tags }: Fetched,
  readers: Readers,
  due: boolean,
  { hashKey }: Pick<Dependencies, 'hashKey'>,
): KeptSecrets | undefined {
  const { plan } = pass;
  // A gate sees all values.
  if (plan.gate !== undefined) return undefined;
  const secret = plan.secret && keptOne(pass, plan.secret.name);
  if (
    due ||
    isDue(pass) ||
    secret === undefined ||
    !sameReferences(entries, secret.records) ||
    !mayBeRead(secret.records, readers)
  )
    return undefined;
  if (inputHash(hashKey, secretInput(plan, tags, secret.records)) !== secret.hash) return undefined;
  const certificates = new Map<string, Trusted>();
  const applied = [secret.applied];
  for (const [name, entry] of referencesOf(entries)) {
    if (entry.use?.as !== 'certificate') continue;
    const one = keptOne(pass, name);
    const record = one?.records.get(name);
    if (one === undefined || record === undefined || !isFor(record, [name, entry], entries)) return undefined;
    if (!mayBeRead(one.records, readers)) return undefined;
    if (inputHash(hashKey, certificateInput(plan, name, record)) !== one.hash) return undefined;
    certificates.set(name, { content: new Map(), record });
    applied.push(one.applied);
  }
  const { records } = secret;
  return {
    resolved: {
      values: new Map(),
      records,
      certificates,
      failed: [],
      unresolved: new Set(),
      untold: new Set(),
    },
    applied,
  };
}

export interface KeptOne {
  readonly records: ReferenceRecords;
  readonly hash: string | undefined;
  readonly applied: Applied;
}

/** A Secret that stands as the status records it. */
export function keptOne(pass: PlannedPass, name: string): KeptOne | undefined {
  const record = recorded(pass, 'Secret', name);
  const seen = pass.memory.secrets.get(name);
  if (record === undefined || seen === undefined || !isAt(record, seen)) return undefined;
  const records = decodeReferences(seen.annotations[ANNOTATION_REFERENCES]);
  const hash = seen.annotations[ANNOTATION_INPUT_HASH];
  return records && { records, hash, applied: kept(pass, record, seen) };
}

const isDue = ({ memory, now, refreshRequested }: PlannedPass): boolean =>
  refreshRequested ||
  memory.trouble.kind !== 'none' ||
  now >= memory.driftDueAt ||
  now >= (memory.secretsDueAt ?? 0);

const isAt = (record: TargetStatus, seen: Sighting): boolean =>
  seen.name === record.name && seen.uid === record.uid && seen.resourceVersion === record.resourceVersion;

type Entries = Merged['entries'];

const referencesOf = (entries: Entries): readonly (readonly [string, ReferenceEntry])[] =>
  [...entries].flatMap(([key, entry]) => (entry.kind === 'reference' ? [[key, entry] as const] : []));

/** What the Secret of the spec holds is what is asked for, and no reference is invalid. */
function sameReferences(entries: Entries, records: ReferenceRecords): boolean {
  if ([...entries.values()].some(({ kind }) => kind === 'invalid-reference')) return false;
  const inSecret = referencesOf(entries).filter(([, { use }]) => use?.as !== 'certificate');
  return (
    inSecret.length === records.size && inSecret.every((one) => isFor(records.get(one[0]), one, entries))
  );
}

function kept(
  { namespace }: PlannedPass,
  status: TargetStatus,
  { name, uid, resourceVersion, annotations }: Sighting,
): Applied {
  const object = { metadata: { name, namespace, uid, resourceVersion, annotations } };
  return { status, object, action: 'unchanged', contentChanged: false };
}

/** A ConfigMap that stands as our last write left it: metadata from the watch, and what its data was. */
export interface KnownConfigMap {
  readonly object: TargetObject;
  readonly digest: string;
}

export function knownConfigMap(
  pass: PlannedPass,
  name: string,
  { configMaps }: Pick<Dependencies, 'configMaps'>,
): KnownConfigMap | undefined {
  if (isMerging(pass)) return undefined;
  const { memory, namespace } = pass;
  const cached = configMaps.get(`${namespace}/${name}`);
  const { configMap: last, configMapDigest: digest } = memory;
  if (cached === undefined || last === undefined || digest === undefined) return undefined;
  const { uid, resourceVersion } = sightingOf(cached);
  if (last.name !== name || last.uid !== uid || last.resourceVersion !== resourceVersion) return undefined;
  return { object: { metadata: cached.metadata }, digest };
}
