import {
  ANNOTATION_CHANGED_AT,
  ANNOTATION_FORMAT,
  ANNOTATION_FROM_SPEC,
  ANNOTATION_INPUT_HASH,
  ANNOTATION_OWNER_UID,
  ANNOTATION_REFERENCES,
  API_VERSION,
  KIND,
  LABEL_BINDING,
  LABEL_MANAGED_BY,
  MANAGER,
} from '../../api/names.ts';
import { encodeFormat } from '../formats/format.ts';
import { rfc3339 } from '../times.ts';
import type { DesiredTarget } from './desired-target.ts';
import type { Owned, OwnerReference } from './ownership.ts';
import { sameRecord } from './records.ts';

/**
 * The metadata of a target: ours, what the spec puts there, and what others put there.
 *
 * Guarantees: labels, annotations, finalizers and owner references of others are kept; what the spec put there and
 * names no longer is taken away, and nothing else is. Ours win over the spec's, the spec's over those of others.
 */
type Metadata = Owned['metadata'];
type Names = Readonly<Record<string, string>>;

/** Of an object that does not exist yet. */
export function freshMetadata(desired: DesiredTarget, now: number): Metadata {
  const owners = ownerReferences([], desired);
  return {
    name: desired.name,
    namespace: desired.namespace,
    labels: { ...desired.terms.labels, ...ourLabels(desired) },
    annotations: { ...desired.terms.annotations, ...ourAnnotations(desired, rfc3339(now)) },
    ...(owners.length === 0 ? {} : { ownerReferences: owners }),
  };
}

/** Over what is there. `now` is absent when the content stays as it is. */
export function mergedMetadata(
  { metadata }: Owned,
  desired: DesiredTarget,
  now: number | undefined,
): Metadata {
  // A PUT without managedFields keeps them as they are.
  const { managedFields: _, ...kept } = { managedFields: undefined, ...metadata };
  const before = fromSpec(metadata);
  const { terms } = desired;
  return {
    ...kept,
    labels: {
      ...without(metadata.labels, before.labels),
      ...terms.labels,
      ...ourLabels(desired),
    },
    annotations: {
      ...without(metadata.annotations, [...before.annotations, ANNOTATION_REFERENCES, ANNOTATION_FROM_SPEC]),
      ...terms.annotations,
      ...ourAnnotations(desired, changedAt(metadata, now)),
    },
    ownerReferences: ownerReferences(metadata.ownerReferences ?? [], desired),
  };
}

export const sameMetadata = (before: Metadata, after: Metadata): boolean =>
  sameRecord(before.labels ?? {}, after.labels ?? {}) &&
  sameRecord(before.annotations ?? {}, after.annotations ?? {}) &&
  sameOwners(before.ownerReferences ?? [], after.ownerReferences ?? []);

/** In any order. */
export const sameOwners = (before: readonly OwnerReference[], after: readonly OwnerReference[]): boolean =>
  before.length === after.length &&
  after.every((reference) => before.some((other) => sameRecord({ ...other }, { ...reference })));

/** The owner references of an object that is let go: it then outlives the binding. */
export const withoutOwner = (references: readonly OwnerReference[], binding: DesiredTarget['binding']) =>
  references.filter(
    ({ apiVersion, kind, name, uid }) =>
      uid !== binding.uid && !(apiVersion === API_VERSION && kind === KIND && name === binding.name),
  );

const without = (names: Names = {}, gone: readonly string[]): Names =>
  Object.fromEntries(Object.entries(names).filter(([name]) => !gone.includes(name)));

/** What decides about the owner of a target. */
interface OwnedTarget {
  readonly binding: DesiredTarget['binding'];
  readonly terms: Pick<DesiredTarget['terms'], 'deletionPolicy'>;
}

/** Ours, apart from that of earlier bindings of the same name. Who retains its targets does not own them. */
export function ownerReferences(
  references: readonly OwnerReference[],
  { binding, terms }: OwnedTarget,
): readonly OwnerReference[] {
  const others = withoutOwner(references, binding);
  return terms.deletionPolicy === 'Retain' ? others : [...others, ownerReference(binding)];
}

const ownerReference = ({ name, uid }: DesiredTarget['binding']): OwnerReference => ({
  apiVersion: API_VERSION,
  kind: KIND,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: false,
});

const ourLabels = ({ binding }: DesiredTarget): Names => ({
  [LABEL_BINDING]: binding.name,
  [LABEL_MANAGED_BY]: MANAGER,
});

const ourAnnotations = (desired: DesiredTarget, changed: string): Names => ({
  [ANNOTATION_OWNER_UID]: desired.binding.uid,
  [ANNOTATION_INPUT_HASH]: desired.inputHash,
  [ANNOTATION_FORMAT]: encodeFormat(desired.format),
  [ANNOTATION_CHANGED_AT]: changed,
  ...(desired.references === undefined ? {} : { [ANNOTATION_REFERENCES]: desired.references }),
  ...encodeFromSpec(desired.terms),
});

/** So that a label or annotation that leaves the spec can be told from one that someone else put there. */
function encodeFromSpec({ labels, annotations }: DesiredTarget['terms']): Names {
  const names = { labels: Object.keys(labels).sort(), annotations: Object.keys(annotations).sort() };
  if (names.labels.length + names.annotations.length === 0) return {};
  return { [ANNOTATION_FROM_SPEC]: JSON.stringify(names) };
}

interface FromSpec {
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
}

/** Empty where the annotation is missing or not ours. */
function fromSpec({ annotations }: Metadata): FromSpec {
  try {
    const parsed: unknown = JSON.parse(annotations?.[ANNOTATION_FROM_SPEC] ?? '{}');
    const of = (member: string): readonly string[] => {
      const names: unknown = Reflect.get(Object(parsed), member);
      return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
    };
    return { labels: of('labels'), annotations: of('annotations') };
  } catch {
    return { labels: [], annotations: [] };
  }
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
