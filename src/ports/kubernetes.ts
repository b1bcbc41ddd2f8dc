/** Where a kind lives in the API: `group` is '' for the core group. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Who wrote which fields when; read only where a decision needs it, stripped elsewhere. */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: unknown;
}

/** Raw JSON, as the server sends it: timestamps are RFC 3339 strings. Unknown members are kept. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
  readonly [other: string]: unknown;
}

export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
}

/** One object of one kind; `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef {
  readonly type: ResourceType;
  readonly namespace?: string;
  readonly name: string;
}

/** An object that cluster administrators made, by its name: a ResourceQuota, an admission policy or a webhook. */
export interface Obstacle {
  readonly kind: 'quota' | 'policy' | 'webhook' | 'unreachable-webhook';
  readonly name: string;
}

/**
 * Why a call failed. Holds no text of the server apart from `reason` and `causes` (closed vocabularies of the
 * Kubernetes API) and the name of an obstacle: messages and bodies may carry data of Secrets.
 */
export type KubernetesError =
  | {
      readonly kind: 'status';
      /** HTTP status, or the code of an ERROR event in a watch. */
      readonly code: number;
      /** `metav1.Status.reason`, '' when the body was not a Status. */
      readonly reason: string;
      readonly causes: readonly { readonly reason: string; readonly field: string }[];
      readonly retryAfterMs?: number;
      /** What of the cluster's configuration stood in the way, where the server says so. */
      readonly obstacle?: Obstacle;
    }
  | { readonly kind: 'transport' /** errno or a constant such as 'BadContentType' */; readonly code: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'cancelled' };

export type KubernetesResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: KubernetesError };

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface ReadOptions extends CallOptions {
  /** Ask for `PartialObjectMetadata`: only metadata crosses the wire. */
  readonly metadataOnly?: boolean;
}

export interface ListOptions extends ReadOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continueToken?: string;
}

export interface ObjectList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  readonly continueToken?: string;
}

export interface WatchOptions extends ReadOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly resourceVersion: string;
  /** The server closes the watch after this long. */
  readonly timeoutSeconds: number;
}

/** `bookmark` carries only a resourceVersion; `error` ends the stream (410 means: list again). */
export type WatchEvent<T> =
  | { readonly type: 'added' | 'modified' | 'deleted'; readonly object: T }
  | { readonly type: 'bookmark'; readonly resourceVersion: string }
  | { readonly type: 'error'; readonly error: KubernetesError };

/** Reads. `get` of a missing object is an error of code 404. */
export interface ObjectReader {
  get<T extends KubernetesObject>(ref: ObjectRef, options?: ReadOptions): Promise<KubernetesResult<T>>;
  list<T extends KubernetesObject>(
    type: ResourceType,
    options?: ListOptions,
  ): Promise<KubernetesResult<ObjectList<T>>>;
}

/**
 * A change stream. The iterable ends normally when the server closes the watch, after one `error` event on
 * failure, and without another event once `signal` aborts; it never throws.
 */
export interface ObjectWatcher {
  watch<T extends KubernetesObject>(type: ResourceType, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
}

export interface PatchOptions extends CallOptions {
  readonly subresource?: 'status';
}

export interface ApplyOptions extends CallOptions {
  /** Whose fields these are; at most 128 characters. */
  readonly fieldManager: string;
}

export interface DeleteOptions extends CallOptions {
  /** Precondition: a delete of an object of the same name but another UID answers 409. */
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** Writes. `update` is a PUT: `metadata.uid` and `resourceVersion` of the object are preconditions. */
export interface ObjectWriter {
  create<T extends KubernetesObject>(
    type: ResourceType,
    object: T,
    options?: CallOptions,
  ): Promise<KubernetesResult<T>>;
  update<T extends KubernetesObject>(
    type: ResourceType,
    object: T,
    options?: CallOptions,
  ): Promise<KubernetesResult<T>>;
  /** JSON merge patch; put `metadata.uid` and `resourceVersion` into `patch` as preconditions. */
  mergePatch<T extends KubernetesObject>(
    ref: ObjectRef,
    patch: object,
    options?: PatchOptions,
  ): Promise<KubernetesResult<T>>;
  /**
   * Server-side apply, never forced: exactly the fields in `object` become those of the manager, and what it no longer
   * names goes, unless others hold it too. A field that another manager holds with another value is a 409 with causes
   * `FieldManagerConflict`. `metadata.uid` and `resourceVersion` are preconditions (422 and 409, as of patches): with a
   * uid nothing is created (409).
   */
  apply<T extends KubernetesObject>(
    type: ResourceType,
    object: KubernetesObject,
    options: ApplyOptions,
  ): Promise<KubernetesResult<T>>;
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<KubernetesResult<undefined>>;
}

export interface ServiceAccountToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The TokenRequest API: a JWT of a ServiceAccount for exactly one audience. */
export interface TokenRequester {
  requestToken(
    serviceAccount: { readonly namespace: string; readonly name: string },
    audience: string,
    expirationSeconds: number,
    options?: CallOptions,
  ): Promise<KubernetesResult<ServiceAccountToken>>;
}

/** Everything the operator does on the API server. */
export interface KubernetesApi extends ObjectReader, ObjectWatcher, ObjectWriter, TokenRequester {}
