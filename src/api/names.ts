/** Every name that appears on objects. All are part of the contract: changing one is a migration. */

export const GROUP = 'appconfig.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;
export const KIND = 'AppConfigBinding';
export const PLURAL = 'appconfigbindings';
export const MANAGER = 'appconfig-operator';

/** Labels of targets. */
export const LABEL_BINDING = `${GROUP}/binding`;
export const LABEL_MANAGED_BY = 'app.kubernetes.io/managed-by';

/** On a namespace: the environment of its bindings without `spec.environment`. */
export const LABEL_ENVIRONMENT = `${GROUP}/environment`;

/** Annotations of targets. */
export const ANNOTATION_OWNER_UID = `${GROUP}/owner-uid`;
export const ANNOTATION_INPUT_HASH = `${GROUP}/input-hash`;
export const ANNOTATION_CHANGED_AT = `${GROUP}/changed-at`;
export const ANNOTATION_FORMAT = `${GROUP}/format`;
/** Which labels and annotations the spec put there: `{"labels": [names], "annotations": [names]}`, JSON. */
export const ANNOTATION_FROM_SPEC = `${GROUP}/from-spec`;
/** On the Secret only: per key {reference, version, digest}, JSON. */
export const ANNOTATION_REFERENCES = `${GROUP}/references`;

/** On a foreign object, by someone who may write it: `"true"` lets that binding put its keys there. */
export const mergePermission = (binding: string): string => `merge.${GROUP}/${binding}`;

/** Our annotations on a foreign object, which other bindings may share: `input-hash.appconfig.dev/orders`. */
export const mergedAnnotation = (annotation: string, binding: string): string =>
  `${annotation.slice(`${GROUP}/`.length)}.${GROUP}/${binding}`;

/** Whose fields a binding's are on a foreign object; at most 128 characters. */
export const mergeManager = (binding: string): string => `${MANAGER}/${binding}`;

/** On a binding: any new value asks for an immediate refresh, echoed in `status.lastHandledRefresh`. */
export const ANNOTATION_REFRESH = `${GROUP}/refresh`;

/** On a workload: `"false"` opts out of restarts. */
export const ANNOTATION_RESTART = `${GROUP}/restart`;

/** On a pod template: the restart marker of one binding. */
export const rolloutMarker = (binding: string): string => `${ROLLOUT_PREFIX}${binding}`;
export const ROLLOUT_PREFIX = `rollout.${GROUP}/`;

/** On a ServiceAccount: the conventions of Azure Workload Identity. */
export const ANNOTATION_CLIENT_ID = 'azure.workload.identity/client-id';
export const ANNOTATION_TENANT_ID = 'azure.workload.identity/tenant-id';
