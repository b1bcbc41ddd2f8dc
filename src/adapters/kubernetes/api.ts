import type { Clock } from '../../ports/clock.ts';
import type {
  ApplyOptions,
  DeleteOptions,
  KubernetesApi,
  KubernetesError,
  KubernetesObject,
  KubernetesResult,
  ListOptions,
  ObjectList,
  ObjectRef,
  PatchOptions,
  ReadOptions,
  ResourceType,
  WatchEvent,
  WatchOptions,
} from '../../ports/kubernetes.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Call, CallLabel } from './call.ts';
import type { Connection } from './connection.ts';
import { isRecord, transport } from './errors.ts';
import type { HttpRequest } from './exchange.ts';
import { APPLY_PATCH, acceptHeader, jsonBody, MERGE_PATCH } from './media-types.ts';
import { applyQuery, listQuery, objectPath, resourcePath, watchQuery } from './resource-url.ts';
import { requestToken } from './token-request.ts';
import { Transport } from './transport.ts';
import { watchEvents } from './watch-stream.ts';

export interface KubernetesApiOptions {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Default 30 s. */
  readonly deadlineMs?: number;
  readonly userAgent?: string;
}

/** `close` ends all connections; calls in flight fail. */
export interface ClosableKubernetesApi extends KubernetesApi {
  close(): void;
}

/** The port over an API server. Objects are raw JSON as the server sent it. */
export function createKubernetesApi(
  connection: Connection,
  options: KubernetesApiOptions,
): ClosableKubernetesApi {
  const { clock, deadlineMs = 30_000, userAgent = 'appconfig-operator' } = options;
  const http = new Transport(connection, { clock, deadlineMs, userAgent });
  const count = counter(options);
  const call: Call = async <T>(label: CallLabel, request: HttpRequest, signal: AbortSignal | undefined) => {
    const result = await http.call(request, signal);
    count(label, result.ok ? undefined : result.error);
    if (!result.ok) return result;
    return hasShape<T>(result.value) ? { ok: true, value: result.value } : notAnObject;
  };
  return {
    ...readers(call),
    ...writers(call),
    requestToken: (account, audience, seconds, calling = {}) =>
      requestToken(call, account, audience, seconds, calling.signal),
    watch: <T extends KubernetesObject>(type: ResourceType, watching: WatchOptions) =>
      watch<T>(http, count, clock, type, watching),
    close: () => http.close(),
  };
}

function readers(call: Call) {
  return {
    get: <T extends KubernetesObject>(ref: ObjectRef, options: ReadOptions = {}) =>
      call<T>(
        { verb: 'get', resource: ref.type.plural },
        { method: 'GET', path: objectPath(ref), accept: acceptHeader(options, 'object') },
        options.signal,
      ),
    async list<T extends KubernetesObject>(type: ResourceType, options: ListOptions = {}) {
      const path = resourcePath(type, options.namespace) + listQuery(options);
      const request: HttpRequest = { method: 'GET', path, accept: acceptHeader(options, 'list') };
      const result = await call<RawList<T>>({ verb: 'list', resource: type.plural }, request, options.signal);
      return result.ok ? toList(result.value) : result;
    },
  };
}

function writers(call: Call) {
  const accept = acceptHeader({}, 'object');
  return {
    create: <T extends KubernetesObject>(
      type: ResourceType,
      object: T,
      options: { signal?: AbortSignal } = {},
    ) =>
      call<T>(
        { verb: 'create', resource: type.plural },
        {
          method: 'POST',
          path: resourcePath(type, object.metadata.namespace),
          accept,
          body: jsonBody(object),
        },
        options.signal,
      ),
    update: <T extends KubernetesObject>(
      type: ResourceType,
      object: T,
      options: { signal?: AbortSignal } = {},
    ) =>
      call<T>(
        { verb: 'update', resource: type.plural },
        { method: 'PUT', path: objectPath(refOf(type, object)), accept, body: jsonBody(object) },
        options.signal,
      ),
    mergePatch: <T extends KubernetesObject>(ref: ObjectRef, patch: object, options: PatchOptions = {}) =>
      call<T>(
        { verb: 'patch', resource: [ref.type.plural, options.subresource].filter(Boolean).join('/') },
        {
          method: 'PATCH',
          path: objectPath(ref, options.subresource),
          accept,
          body: jsonBody(patch, MERGE_PATCH),
        },
        options.signal,
      ),
    apply: <T extends KubernetesObject>(
      type: ResourceType,
      object: KubernetesObject,
      { fieldManager, signal }: ApplyOptions,
    ) =>
      call<T>(
        { verb: 'apply', resource: type.plural },
        {
          method: 'PATCH',
          path: objectPath(refOf(type, object)) + applyQuery(fieldManager),
          accept,
          body: jsonBody(object, APPLY_PATCH),
        },
        signal,
      ),
    async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<KubernetesResult<undefined>> {
      const request: HttpRequest = {
        method: 'DELETE',
        path: objectPath(ref),
        accept,
        body: deleteBody(options),
      };
      const result = await call({ verb: 'delete', resource: ref.type.plural }, request, options.signal);
      return result.ok ? { ok: true, value: undefined } : result;
    },
  };
}

async function* watch<T extends KubernetesObject>(
  http: Transport,
  count: ReturnType<typeof counter>,
  clock: Clock,
  type: ResourceType,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>, void> {
  const path = resourcePath(type, options.namespace) + watchQuery(options);
  const request: HttpRequest = { method: 'GET', path, accept: acceptHeader(options, 'object') };
  const opened = await http.stream(request, options.signal);
  count({ verb: 'watch', resource: type.plural }, opened.ok ? undefined : opened.error);
  if (!opened.ok) {
    if (!options.signal?.aborted) yield { type: 'error', error: opened.error };
    return;
  }
  try {
    for await (const event of watchEvents<T>(opened.value, () => clock.now())) {
      if (options.signal?.aborted) return;
      yield event;
    }
  } finally {
    opened.value.close();
  }
}

interface RawList<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[] | null;
}

function toList<T>({ items, metadata }: RawList<T>): KubernetesResult<ObjectList<T>> {
  const resourceVersion = metadata?.resourceVersion;
  // Without one nothing could be watched from it: whatever answered was not a list.
  if (resourceVersion === undefined) return notAnObject;
  const next = metadata?.continue ? { continueToken: metadata.continue } : {};
  return { ok: true, value: { items: items ?? [], resourceVersion, ...next } };
}

const notAnObject: KubernetesResult<never> = { ok: false, error: transport('BadJson') };
const hasShape = <T>(value: unknown): value is T => isRecord(value);

const refOf = (type: ResourceType, { metadata: { name, namespace } }: KubernetesObject): ObjectRef => ({
  type,
  name,
  ...(namespace === undefined ? {} : { namespace }),
});

/** Background: dependents are collected after the object is gone, as kubectl does. */
function deleteBody({ resourceVersion, uid }: DeleteOptions) {
  const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
  return jsonBody({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: 'Background',
    preconditions,
  });
}

function counter({ logger, metrics }: KubernetesApiOptions) {
  return ({ resource, verb }: CallLabel, error: KubernetesError | undefined): void => {
    metrics.increment('kubernetes_requests_total', { verb, resource, code: codeOf(error) });
    if (error !== undefined) logger.debug('A Kubernetes call failed.', { verb, resource, error });
  };
}

/** Statuses by number, everything else by kind: a closed set of label values. */
function codeOf(error: KubernetesError | undefined): string {
  if (error === undefined) return '2xx';
  return error.kind === 'status' ? String(error.code) : error.kind;
}
