import { hash } from 'node:crypto';
import type { DesiredTarget } from './desired-target.ts';
import { type Owned, ownership } from './ownership.ts';
import { sameRecord } from './records.ts';
import type { Data } from './render.ts';
import { freshMetadata, mergedMetadata, sameMetadata } from './target-metadata.ts';

/**
 * What to do about what stands where a target should be.
 *
 * Guarantees: an object that is not ours is never written. An update keeps the labels, annotations, finalizers
 * and owner references of others and replaces the data as a whole; it carries the uid and resourceVersion of
 * the object it was decided on. Equal objects give `unchanged`. `changed-at` moves only with the data.
 */

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

/** Decides what to do about `existing`, the object that stands where `desired` should. */
export function decideTarget(
  existing: TargetObject | undefined,
  desired: DesiredTarget,
  context: TargetContext,
): TargetDecision {
  if (existing === undefined) return { action: 'create', object: fresh(desired, context.now) };
  const owned = ownership(existing, desired.binding, context.ownerIsLive);
  if (!owned.ours) {
    const problem = `${owned.problem}; delete it, or ${anotherName(desired)}`;
    return { action: 'refuse', owner: owned.owner, problem };
  }
  const contentChanged = !sameContent(existing, desired, context.holds);
  const obstacle = obstacleOf(existing, desired, contentChanged);
  if (obstacle !== undefined) return { action: 'refuse', owner: 'this binding', problem: obstacle };
  const metadata = mergedMetadata(existing, desired, contentChanged ? context.now : undefined);
  if (!contentChanged && sameMetadata(existing.metadata, metadata))
    return { action: 'unchanged', object: context.holds ? { ...existing, data: desired.data } : existing };
  return { action: 'update', object: replaced(existing, desired, metadata), contentChanged };
}

function fresh(desired: DesiredTarget, now: number): TargetObject {
  const { kind, data } = desired;
  return {
    apiVersion: 'v1',
    kind,
    metadata: freshMetadata(desired, now),
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

/** The Secret of a certificate has the name of its key. */
const anotherName = ({ holds }: DesiredTarget): string =>
  holds === 'Certificate'
    ? 'change its key with spec.keys.trimPrefixes or spec.keys.replace, or in the store'
    : 'choose another name in spec.target';

/** Why an object of ours cannot be written. */
function obstacleOf(
  existing: TargetObject,
  desired: DesiredTarget,
  contentChanged: boolean,
): string | undefined {
  const remedy = `delete it, and it is made anew; or ${anotherName(desired)}, and the new one is made before this one goes`;
  if (existing.immutable === true && contentChanged)
    return `it is immutable and its content has changed; ${remedy}`;
  const type = existing.type ?? OPAQUE;
  const wanted = desired.type ?? OPAQUE;
  if (desired.kind === 'Secret' && type !== wanted)
    return `its type is ${type} instead of ${wanted}, and Kubernetes lets nobody change the type of a Secret; ${remedy}`;
  return undefined;
}

function replaced(
  existing: TargetObject,
  desired: DesiredTarget,
  metadata: TargetObject['metadata'],
): TargetObject {
  const { binaryData: _, stringData: __, ...kept } = existing;
  return { ...kept, apiVersion: 'v1', kind: desired.kind, metadata, data: desired.data };
}
