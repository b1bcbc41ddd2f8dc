import {
  ANNOTATION_CHANGED_AT,
  ANNOTATION_FORMAT,
  ANNOTATION_INPUT_HASH,
  ANNOTATION_OWNER_UID,
  ANNOTATION_REFERENCES,
  LABEL_BINDING,
  mergedAnnotation,
  mergeManager,
  mergePermission,
} from '../../api/names.ts';
import { encodeFormat } from '../formats/format.ts';
import { rfc3339 } from '../times.ts';
import type { DesiredTarget } from './desired-target.ts';
import { appliedBy, holdersOf, type Section } from './field-managers.ts';
import { ownedBy } from './ownership.ts';
import { sameRecord } from './records.ts';
import type { TargetObject } from './targets.ts';

/**
 * A target that belongs to someone else, into which a binding merges its keys by server-side apply.
 *
 * Guarantees: nothing is written without the permission label. Only what the binding's own field manager applied is
 * taken for the binding's; what others hold is neither read as ours nor overwritten. Annotations carry the binding's
 * name, so that several bindings can merge into one object.
 * Assumptions: `managedFields` are as the server keeps them.
 */
type Names = Readonly<Record<string, string>>;

/** Our annotations, in the names that they have on targets of our own. */
const CARRIED = [ANNOTATION_INPUT_HASH, ANNOTATION_FORMAT, ANNOTATION_CHANGED_AT, ANNOTATION_REFERENCES];

/** An object as it is read: with its data, or as metadata alone. */
type Readable = Pick<TargetObject, 'metadata' | 'data'>;

/**
 * The object as if it were the binding's own target: of the data only our keys, and our annotations under their usual
 * names. Everything that reads targets can read this.
 */
export function viewOf<T extends Readable>(object: T, binding: string): T {
  const { metadata, data } = object;
  const annotations = canonical(metadata.annotations ?? {}, binding);
  const view = { ...object, metadata: { ...metadata, annotations } };
  if (data === undefined) return view;
  return { ...view, data: pick(data, appliedBy(object, mergeManager(binding), 'data')) };
}

function canonical(all: Names, binding: string): Names {
  const others = Object.entries(all).filter(([name]) => !CARRIED.includes(name));
  const ours = CARRIED.map((name) => [name, all[mergedAnnotation(name, binding)]]);
  return Object.fromEntries([...others, ...ours.filter(([, value]) => value !== undefined)]);
}

const pick = (data: Names, keys: readonly string[]): Names =>
  Object.fromEntries(Object.entries(data).filter(([key]) => keys.includes(key)));

export type MergeDecision =
  | { readonly action: 'unchanged'; readonly object: TargetObject }
  | { readonly action: 'apply'; readonly intent: TargetObject; readonly contentChanged: boolean }
  | { readonly action: 'refuse'; readonly reason: MergeRefusal; readonly problem: string };

export type MergeRefusal = 'MergeTargetMissing' | 'MergeNotPermitted' | 'TargetNotOwned';

/** Decides about `view`, the object as `viewOf` gives it. `now`: milliseconds since the epoch. */
export function decideMerge(
  view: TargetObject | undefined,
  desired: DesiredTarget,
  now: number,
): MergeDecision {
  const { name } = desired.binding;
  if (view === undefined) return refuse('MergeTargetMissing', missing(name));
  const owned = ownedAsAWhole(view, desired);
  if (owned !== undefined) return refuse('TargetNotOwned', owned);
  if (!isPermitted(view, name)) return refuse('MergeNotPermitted', notPermitted(name));
  const contentChanged = !sameRecord(view.data ?? {}, desired.data);
  if (view.immutable === true && contentChanged)
    return refuse('TargetNotOwned', 'it is immutable and keys have changed; make it anew, or choose another');
  const intent = intentOf(view, desired, contentChanged ? rfc3339(now) : undefined);
  if (!contentChanged && isApplied(view, intent, name)) return { action: 'unchanged', object: view };
  return { action: 'apply', intent, contentChanged };
}

const refuse = (reason: MergeRefusal, problem: string): MergeDecision => ({
  action: 'refuse',
  reason,
  problem,
});

const labelFor = (binding: string): string => `${mergePermission(binding)}: "true"`;

const missing = (binding: string): string =>
  `it does not exist; create it with the label ${labelFor(binding)}, or set spec.target.creationPolicy to Owner`;

const notPermitted = (binding: string): string =>
  `it lacks the label ${labelFor(binding)}; let someone who may write it add that label`;

export const isPermitted = ({ metadata }: Readable, binding: string): boolean =>
  metadata.labels?.[mergePermission(binding)] === 'true';

/** Bindings keep the data of their own targets as a whole: what is merged there would be taken away again. */
function ownedAsAWhole(view: TargetObject, { binding }: DesiredTarget): string | undefined {
  if (ownedBy(view, binding.uid))
    return 'this binding made it, with spec.target.creationPolicy Owner; set that again, choose another name, or delete it and make it anew yourself';
  const { annotations, labels } = view.metadata;
  if (annotations?.[ANNOTATION_OWNER_UID] === undefined) return undefined;
  return `it is a target of AppConfigBinding ${labels?.[LABEL_BINDING] ?? '(unknown)'}, which keeps all of its data; choose another name, or remove its annotation ${ANNOTATION_OWNER_UID} if that binding is gone`;
}

/** All that is to be ours, on the version that was read. `changed`: absent when the content stays as it is. */
function intentOf(view: TargetObject, desired: DesiredTarget, changed: string | undefined): TargetObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp, annotations } = view.metadata;
  const { terms, binding, references } = desired;
  const before = annotations?.[ANNOTATION_CHANGED_AT] ?? creationTimestamp ?? rfc3339(0);
  const ours = {
    [ANNOTATION_INPUT_HASH]: desired.inputHash,
    [ANNOTATION_FORMAT]: encodeFormat(desired.format),
    [ANNOTATION_CHANGED_AT]: changed ?? before,
    ...(references === undefined ? {} : { [ANNOTATION_REFERENCES]: references }),
  };
  const renamed = Object.entries(ours).map(([known, value]) => [
    mergedAnnotation(known, binding.name),
    value,
  ]);
  return {
    apiVersion: 'v1',
    kind: desired.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(Object.keys(terms.labels).length === 0 ? {} : { labels: terms.labels }),
      annotations: { ...terms.annotations, ...Object.fromEntries(renamed) },
    },
    ...(Object.keys(desired.data).length === 0 ? {} : { data: desired.data }),
  };
}

/** Labels and annotations stand as intended, and are all that the binding holds. */
function isApplied(view: TargetObject, { metadata }: TargetObject, binding: string): boolean {
  return (['labels', 'annotations'] as const).every((section) => {
    const held = appliedBy(view, mergeManager(binding), section);
    return sameRecord(pick(view.metadata[section] ?? {}, held), metadata[section] ?? {});
  });
}

/** Applying this takes all that is the binding's off the object; undefined where there is nothing, or it may not. */
export function withdrawal(object: TargetObject, kind: string, binding: string): TargetObject | undefined {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  if (!isMerged(object, binding) || !isPermitted(object, binding)) return undefined;
  const identity = { name, namespace, uid, resourceVersion };
  return { apiVersion: 'v1', kind, metadata: JSON.parse(JSON.stringify(identity)) };
}

export const isMerged = (object: Readable, binding: string): boolean =>
  appliedBy(object, mergeManager(binding), 'annotations').length > 0;

/**
 * What stands in the way of an apply, from the fields that the server says are in conflict: `.data.color` and
 * `.metadata.labels.team`.
 */
export function describeConflict(view: Readable | undefined, fields: readonly string[]): string {
  const known = fields.map(fieldOf).filter((field) => field !== undefined);
  const shown = known.slice(0, 10).map(({ section, name }) => {
    const holders = view === undefined ? [] : holdersOf(view, section, name);
    const by = holders.length === 0 ? '' : ` (${holders.slice(0, 3).join(', ')})`;
    return `${NOUNS[section]} ${JSON.stringify(name)}${by}`;
  });
  const more = fields.length - shown.length;
  const list = more > 0 ? [...shown, `${more} more`] : shown;
  return `others hold ${list.join(', ')} with another value; take it out there, or select or name it differently`;
}

const NOUNS: Readonly<Record<Section, string>> = { data: 'key', labels: 'label', annotations: 'annotation' };

function fieldOf(path: string): { readonly section: Section; readonly name: string } | undefined {
  const { section, name } =
    /^\.(?:metadata\.)?(?<section>data|labels|annotations)\.(?<name>.+)$/.exec(path)?.groups ?? {};
  return section === undefined || name === undefined ? undefined : { section: section as Section, name };
}
