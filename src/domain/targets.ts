import { hash } from 'node:crypto';
import {
  ANNOTATION_CHANGED_AT,
  ANNOTATION_FORMAT,
  ANNOTATION_INPUT_HASH,
  ANNOTATION_OWNER_UID,
  ANNOTATION_REFERENCES,
  API_VERSION,
  KIND,
  LABEL_BINDING,
  LABEL_MANAGED_BY,
  MANAGER,
} from '../api/names.ts';
import { encodeFormat, type Format } from './formats/format.ts';
import { type Owned, type OwnerReference, ownedBy, ownership } from './ownership.ts';
import type { Data } from './render.ts';
import { rfc3339 } from './times.ts';

/**
 * What a target should be, and what to do about what is there.
 *
 * Guarantees: an object that is not ours is never written. An update keeps the labels, annotations, finalizers
 * and owner references of others and replaces the data as a whole; it carries the uid and resourceVersion of
 * the object it was decided on. Equal objects give `unchanged`. `changed-at` moves only with the data.
 */
export interface DesiredTarget {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly namespace: string;
  readonly name: string;
  readonly binding: { readonly name: string; readonly uid: string };
  /** As the API carries it: base64 for a Secret. */
  readonly data: Data;
  /** How `data` was written, so that a later pass can read it back. */
  readonly format: Format;
  /** Of a Secret; absent: Opaque. */
  readonly type?: string;
  readonly inputHash: string;
  /** `encodeReferences`; absent: no such annotation. */
  readonly references?: string;
}

/** What a target is made from; `data` is text for both kinds. */
export interface TargetInput extends Omit<DesiredTarget, 'references'> {
  readonly references?: string | undefined;
}

/** A ConfigMap or Secret as raw JSON. Members not named here are kept. */
export type TargetObject = Owned & {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly type?: string;
  readonly immutable?: boolean;
  readonly data?: Data;
  readonly binaryData?: Data;
  readonly stringData?: Data;
};

export type TargetDecision =
  | { readonly action: 'create'; readonly object: TargetObject }
  | { readonly action: 'update'; readonly object: TargetObject; readonly contentChanged: boolean }
  | { readonly action: 'unchanged'; readonly object: TargetObject }
  /** `owner`: whose it is. `problem`: a sentence for the user that says why and what to do. */
  | { readonly action: 'refuse'; readonly owner: string; readonly problem: string };

export interface TargetContext {
  /** Whether a binding with this UID exists. */
  readonly ownerIsLive: (uid: string) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /**
   * `dataDigest` of the data that `existing` holds, where only its metadata is at hand. It then has no binary data
   * and is not immutable.
   */
  readonly holds?: string | undefined;
}

const OPAQUE = 'Opaque';

/** Encodes the data of a Secret and leaves out what is undefined. */
export function desiredTarget({ references, ...input }: TargetInput): DesiredTarget {
  const data = input.kind === 'Secret' ? base64(input.data) : input.data;
  return { ...input, data, ...(references === undefined ? {} : { references }) };
}

const base64 = (data: Data): Data =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );

/** Decides what to do about `existing`, the object that stands where `desired` should. */
export function decideTarget(
  existing: TargetObject | undefined,
  desired: DesiredTarget,
  context: TargetContext,
): TargetDecision {
  if (existing === undefined) return { action: 'create', object: fresh(desired, context.now) };
  const owned = ownership(existing, desired.binding, context.ownerIsLive);
  if (!owned.ours) return { action: 'refuse', owner: owned.owner, problem: owned.problem };
  const contentChanged = !sameContent(existing, desired, context.holds);
  const obstacle = obstacleOf(existing, desired, contentChanged);
  if (obstacle !== undefined) return { action: 'refuse', owner: 'this binding', problem: obstacle };
  const metadata = mergedMetadata(existing, desired, contentChanged ? context.now : undefined);
  if (!contentChanged && sameMetadata(existing.metadata, metadata))
    return { action: 'unchanged', object: context.holds ? { ...existing, data: desired.data } : existing };
  return { action: 'update', object: replaced(existing, desired, metadata), contentChanged };
}

export { ownedBy };

const ownerReference = ({ binding }: DesiredTarget): OwnerReference => ({
  apiVersion: API_VERSION,
  kind: KIND,
  name: binding.name,
  uid: binding.uid,
  controller: true,
  blockOwnerDeletion: false,
});

const ourLabels = ({ binding }: DesiredTarget) => ({
  [LABEL_BINDING]: binding.name,
  [LABEL_MANAGED_BY]: MANAGER,
});

const ourAnnotations = (desired: DesiredTarget, changedAt: string) => ({
  [ANNOTATION_OWNER_UID]: desired.binding.uid,
  [ANNOTATION_INPUT_HASH]: desired.inputHash,
  [ANNOTATION_FORMAT]: encodeFormat(desired.format),
  [ANNOTATION_CHANGED_AT]: changedAt,
  ...(desired.references === undefined ? {} : { [ANNOTATION_REFERENCES]: desired.references }),
});

function fresh(desired: DesiredTarget, now: number): TargetObject {
  const { kind, name, namespace, data } = desired;
  return {
    apiVersion: 'v1',
    kind,
    metadata: {
      name,
      namespace,
      labels: ourLabels(desired),
      annotations: ourAnnotations(desired, rfc3339(now)),
      ownerReferences: [ownerReference(desired)],
    },
    ...(kind === 'Secret' ? { type: desired.type ?? OPAQUE } : {}),
    data,
  };
}

const isEmpty = (data: Data | undefined): boolean => Object.keys(data ?? {}).length === 0;

const sameContent = (
  { data, binaryData, stringData }: TargetObject,
  desired: DesiredTarget,
  holds: string | undefined,
): boolean =>
  holds === undefined
    ? sameRecord(data ?? {}, desired.data) && isEmpty(binaryData) && isEmpty(stringData)
    : holds === dataDigest(desired.data);

/** SHA-256 of the data, whatever its order; for the memory of this process only, since it has no key. */
export const dataDigest = (data: Data): string =>
  hash('sha256', JSON.stringify(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))), 'base64');

function sameRecord(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && a[name] === b[name])
  );
}

/** Why an object of ours cannot be written. */
function obstacleOf(
  existing: TargetObject,
  desired: DesiredTarget,
  contentChanged: boolean,
): string | undefined {
  const remedy = 'delete it, and it is made anew';
  if (existing.immutable === true && contentChanged)
    return `it is immutable and its content has changed; ${remedy}`;
  const type = existing.type ?? OPAQUE;
  const wanted = desired.type ?? OPAQUE;
  if (desired.kind === 'Secret' && type !== wanted)
    return `its type is ${type} instead of ${wanted}, and Kubernetes lets nobody change the type of a Secret; ${remedy}`;
  return undefined;
}

type Metadata = TargetObject['metadata'];

/** `now` is absent when the content stays as it is. */
function mergedMetadata(
  { metadata }: TargetObject,
  desired: DesiredTarget,
  now: number | undefined,
): Metadata {
  // A PUT without managedFields keeps them as they are.
  const { managedFields: _, ...kept } = { managedFields: undefined, ...metadata };
  const { [ANNOTATION_REFERENCES]: __, ...annotations } = metadata.annotations ?? {};
  return {
    ...kept,
    labels: { ...metadata.labels, ...ourLabels(desired) },
    annotations: { ...annotations, ...ourAnnotations(desired, changedAt(metadata, now)) },
    ownerReferences: [...others(metadata.ownerReferences ?? [], desired), ownerReference(desired)],
  };
}

/**
 * The operator's clock stamps changes, the API server's clock stamps creations: times closer than this to the
 * creation count as the creation itself.
 */
export const CLOCK_SKEW_MS = 5_000;

/** The first change may come right after the creation and must still be seen as one, for the sake of restarts. */
const changedAfterCreation = (creationTimestamp: string | undefined): number =>
  (Date.parse(creationTimestamp ?? '') || 0) + CLOCK_SKEW_MS + 1_000;

/** Where the annotation is missing and the content is right, it is as old as the object for all we know. */
function changedAt({ annotations, creationTimestamp }: Metadata, now: number | undefined): string {
  if (now !== undefined) return rfc3339(Math.max(now, changedAfterCreation(creationTimestamp)));
  return annotations?.[ANNOTATION_CHANGED_AT] ?? creationTimestamp ?? rfc3339(0);
}

/** Owner references apart from ours and those of earlier bindings of the same name. */
const others = (
  references: readonly OwnerReference[],
  { binding }: DesiredTarget,
): readonly OwnerReference[] =>
  references.filter(
    ({ apiVersion, kind, name, uid }) =>
      uid !== binding.uid && !(apiVersion === API_VERSION && kind === KIND && name === binding.name),
  );

function sameMetadata(before: Metadata, after: Metadata): boolean {
  const ours = (metadata: Metadata) => metadata.ownerReferences ?? [];
  return (
    sameRecord(before.labels ?? {}, after.labels ?? {}) &&
    sameRecord(before.annotations ?? {}, after.annotations ?? {}) &&
    ours(before).length === ours(after).length &&
    ours(after).every((reference) => ours(before).some((other) => sameRecord({ ...other }, { ...reference })))
  );
}

function replaced(existing: TargetObject, desired: DesiredTarget, metadata: Metadata): TargetObject {
  const { binaryData: _, stringData: __, ...kept } = existing;
  return { ...kept, apiVersion: 'v1', kind: desired.kind, metadata, data: desired.data };
}
