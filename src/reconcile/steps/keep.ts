import { ANNOTATION_INPUT_HASH, ANNOTATION_REFERENCES } from '../../api/names.ts';
import type { TargetStatus } from '../../api/schema.ts';
import { inputHash, secretInput } from '../../domain/hash.ts';
import type { Merged } from '../../domain/merge.ts';
import { decodeReferences, type ReferenceRecords } from '../../domain/references.ts';
import { isFor } from '../../domain/secret-content.ts';
import type { TargetObject } from '../../domain/targets.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Sighting } from '../memory.ts';
import type { PlannedPass } from '../pass.ts';
import type { Applied } from './applied.ts';
import type { Fetched } from './fetch.ts';
import type { Readers } from './identify.ts';
import { recorded, sightingOf } from './inspect.ts';
import type { Resolved } from './outcome.ts';
import { isMerging } from './read-target.ts';
import { mayBeRead } from './read-secrets.ts';

/**
 * What need not be read to write the rest.
 *
 * Guarantees: only what is known at exactly the resourceVersion that the status records, or that our last write gave,
 * is taken for known. A ConfigMap is then written on that very version: whoever wrote in between makes it a conflict,
 * and the next pass reads.
 */
export interface KeptSecret {
  readonly resolved: Resolved;
  /** Its metadata, without data. */
  readonly applied: Applied;
}

/** The Secret, if nothing that decides it has changed and neither it nor a reference is due for a look. */
export function keepSecret(
  pass: PlannedPass,
  { merged, tags }: Fetched,
  readers: Readers,
  due: boolean,
  { hashKey }: Pick<Dependencies, 'hashKey'>,
): KeptSecret | undefined {
  const { secret } = pass.plan;
  const record = secret && recorded(pass, 'Secret', secret.name);
  const seen = pass.memory.secret;
  if (due || isDue(pass) || record === undefined || seen === undefined || !isAt(record, seen))
    return undefined;
  const records = decodeReferences(seen.annotations[ANNOTATION_REFERENCES]);
  if (records === undefined || !sameReferences(merged, records) || !mayBeRead(records, readers))
    return undefined;
  const hash = inputHash(hashKey, secretInput(pass.plan, tags, records));
  return hash === seen.annotations[ANNOTATION_INPUT_HASH] ? kept(pass, record, seen, records) : undefined;
}

const isDue = ({ memory, now, refreshRequested }: PlannedPass): boolean =>
  refreshRequested ||
  memory.trouble.kind !== 'none' ||
  now >= memory.driftDueAt ||
  now >= (memory.secretsDueAt ?? 0);

const isAt = (record: TargetStatus, seen: Sighting): boolean =>
  seen.name === record.name && seen.uid === record.uid && seen.resourceVersion === record.resourceVersion;

function sameReferences({ entries }: Merged, records: ReferenceRecords): boolean {
  const references = [...entries].filter(([, entry]) => entry.kind !== 'value');
  return (
    references.length === records.size &&
    references.every(
      ([key, entry]) => entry.kind === 'reference' && isFor(records.get(key), [key, entry], entries),
    )
  );
}

function kept(
  { namespace }: PlannedPass,
  status: TargetStatus,
  { name, uid, resourceVersion, annotations }: Sighting,
  records: ReferenceRecords,
): KeptSecret {
  const object = { metadata: { name, namespace, uid, resourceVersion, annotations } };
  return {
    resolved: { values: new Map(), records, failed: [], unresolved: new Set() },
    applied: { status, object, action: 'unchanged', contentChanged: false },
  };
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
