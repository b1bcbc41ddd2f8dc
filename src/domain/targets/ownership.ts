import { ANNOTATION_OWNER_UID, API_VERSION, KIND, LABEL_BINDING } from '../../api/names.ts';
import type { ManagedFields } from './field-managers.ts';

/**
 * Whose an object is, by UID: names can be taken over, UIDs cannot.
 *
 * Ours is what has our binding as its controller, or records its UID in `appconfig.dev/owner-uid`. A re-created
 * binding adopts what its predecessor of the same name left behind: an object whose recorded owner lives no
 * more and whose label names this binding.
 */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Metadata that a decision about a target reads or writes; other members are kept at run time. */
export type Owned = {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly OwnerReference[];
    readonly managedFields?: readonly ManagedFields[];
  };
};

export type Ownership =
  | { readonly ours: true }
  /** `owner` names whose it is; `problem` says why it is left alone. */
  | { readonly ours: false; readonly owner: string; readonly problem: string };

interface Binding {
  readonly name: string;
  readonly uid: string;
}

const isBinding = ({ apiVersion, kind }: OwnerReference): boolean =>
  kind === KIND && apiVersion.split('/')[0] === API_VERSION.split('/')[0];

const controllerOf = ({ metadata }: Owned): OwnerReference | undefined =>
  metadata.ownerReferences?.find(({ controller }) => controller === true);

/** The recorded owner; the controller is set by whoever may write the object and guarded by the API server. */
const ownerUid = (object: Owned): string | undefined =>
  controllerOf(object)?.uid ?? object.metadata.annotations?.[ANNOTATION_OWNER_UID];

/** Whether the object says it is that binding's: by its controller, else by the recorded owner. */
export const ownedBy = (object: Owned, uid: string): boolean => ownerUid(object) === uid;

/** Whose `object` is, as `binding` must see it. */
export function ownership(object: Owned, binding: Binding, ownerIsLive: (uid: string) => boolean): Ownership {
  if (ownedBy(object, binding.uid)) return { ours: true };
  const controller = controllerOf(object);
  if (controller !== undefined && !isBinding(controller))
    return foreign(`${controller.kind} ${controller.name}`);
  const recorded = ownerUid(object);
  if (recorded === undefined) return foreign(undefined);
  const label = object.metadata.labels?.[LABEL_BINDING];
  const name = controller?.name ?? label;
  if (!ownerIsLive(recorded) && name === binding.name) return { ours: true };
  return foreign(`${KIND} ${name ?? recorded}`);
}

function foreign(owner: string | undefined): Ownership {
  const whose = owner === undefined ? 'it was not made by this operator' : `it belongs to ${owner}`;
  return { ours: false, owner: owner ?? 'someone else', problem: whose };
}
