import type { Clock } from '../../../src/ports/clock.ts';
import type {
  ApplyOptions,
  CallOptions,
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
  ServiceAccountToken,
  WatchEvent,
  WatchOptions,
} from '../../../src/ports/kubernetes.ts';
import { fail, notFound, ok } from './errors.ts';
import type { ClusterCall, Interceptor, Verdict, WriteRecord } from './faults.ts';
import { listPage, type PagedCluster } from './paging.ts';
import { mintToken } from './tokens.ts';
import { partial, type WatchControl, watchDatabase } from './watching.ts';

type Described = Omit<ClusterCall, 'index' | 'write'>;

export interface ClientOptions {
  /** Who writes, as noted in managedFields. */
  readonly manager?: string;
  readonly intercept?: Interceptor;
}

/** What clients need of their cluster. */
interface ClientsCluster extends PagedCluster {
  readonly clock: Clock;
  /** Writes are added. */
  readonly log: WriteRecord[];
  readonly watches: WatchControl;
}

/** One process's view of the cluster. Dies at a `crash` verdict; a restarted process takes a new client. */
export class MemoryClient implements KubernetesApi {
  readonly #cluster: ClientsCluster;
  readonly #manager: string;
  readonly #intercept: Interceptor;
  readonly #died = new AbortController();
  #calls = 0;
  #writes = 0;

  constructor(
    cluster: ClientsCluster,
    { intercept = () => 'proceed', manager = 'appconfig-operator' }: ClientOptions,
  ) {
    this.#cluster = cluster;
    this.#manager = manager;
    this.#intercept = intercept;
  }

  get crashed(): boolean {
    return this.#died.signal.aborted;
  }

  /** How many writes were tried. */
  get writes(): number {
    return this.#writes;
  }

  /** Dies now. */
  kill(): void {
    this.#died.abort();
    this.#cluster.database.history.wake();
  }

  get<T extends KubernetesObject>(ref: ObjectRef, options: ReadOptions = {}): Promise<KubernetesResult<T>> {
    const call = described('get', ref.type.plural, ref.namespace, ref.name);
    return this.#read(call, options, () => {
      const object = this.#cluster.database.get(ref);
      if (object === undefined) return fail(notFound());
      return ok(as<T>(options.metadataOnly === true ? partial(object) : object));
    });
  }

  list<T extends KubernetesObject>(
    type: ResourceType,
    options: ListOptions = {},
  ): Promise<KubernetesResult<ObjectList<T>>> {
    const call = described('list', type.plural, options.namespace, undefined);
    return this.#read(call, options, () => listPage<T>(this.#cluster, type, options));
  }

  create<T extends KubernetesObject>(type: ResourceType, object: T, options: CallOptions = {}) {
    const call = described('create', type.plural, object.metadata.namespace, object.metadata.name, object);
    return this.#write<T>(call, options, () =>
      this.#cluster.database.create(type, object, { manager: this.#manager }),
    );
  }

  update<T extends KubernetesObject>(type: ResourceType, object: T, options: CallOptions = {}) {
    const call = described('update', type.plural, object.metadata.namespace, object.metadata.name, object);
    return this.#write<T>(call, options, () =>
      this.#cluster.database.update(type, object, { manager: this.#manager }),
    );
  }

  mergePatch<T extends KubernetesObject>(ref: ObjectRef, patch: object, options: PatchOptions = {}) {
    const { subresource } = options;
    const resource = [ref.type.plural, subresource].filter(Boolean).join('/');
    const author = { manager: this.#manager, ...(subresource === undefined ? {} : { subresource }) };
    return this.#write<T>(described('patch', resource, ref.namespace, ref.name, patch), options, () =>
      this.#cluster.database.mergePatch(ref, patch, author),
    );
  }

  apply<T extends KubernetesObject>(type: ResourceType, object: KubernetesObject, options: ApplyOptions) {
    const { name, namespace } = object.metadata;
    return this.#write<T>(described('apply', type.plural, namespace, name, object), options, () =>
      this.#cluster.database.apply(type, object, options.fieldManager),
    );
  }

  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<KubernetesResult<undefined>> {
    const { resourceVersion, uid } = options;
    const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
    const call = described('delete', ref.type.plural, ref.namespace, ref.name, preconditions);
    return this.#write(call, options, () => this.#cluster.database.delete(ref, preconditions));
  }

  requestToken(
    serviceAccount: { readonly namespace: string; readonly name: string },
    audience: string,
    expirationSeconds: number,
    options: CallOptions = {},
  ): Promise<KubernetesResult<ServiceAccountToken>> {
    const { name, namespace } = serviceAccount;
    const call = described('token', 'serviceaccounts/token', namespace, name);
    return this.#read(call, options, () =>
      mintToken(this.#cluster, serviceAccount, audience, expirationSeconds),
    );
  }

  async *watch<T extends KubernetesObject>(
    type: ResourceType,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>, void> {
    const verdict = await this.#verdict(
      described('watch', type.plural, options.namespace, undefined),
      undefined,
    );
    if (options.signal?.aborted) return;
    if (verdict !== 'proceed') {
      yield { type: 'error', error: verdict.kind === 'fail' ? verdict.error : { kind: 'cancelled' } };
      return;
    }
    const { clock, database, watches } = this.#cluster;
    for await (const event of watchDatabase(database, clock, watches, type, options)) {
      if (this.crashed) await never();
      if (options.signal?.aborted) return;
      yield as<WatchEvent<T>>(event);
    }
    if (this.crashed) await never();
  }

  #read<T>(
    call: Described,
    options: CallOptions,
    answer: () => KubernetesResult<T>,
  ): Promise<KubernetesResult<T>> {
    return this.#perform(call, undefined, options, answer);
  }

  #write<T>(
    call: Described,
    options: CallOptions,
    act: () => KubernetesResult<unknown>,
  ): Promise<KubernetesResult<T>> {
    const write = this.#writes++;
    return this.#perform(call, write, options, () => {
      const before = this.#cluster.database.history.current;
      const result = act() as KubernetesResult<T>;
      this.#cluster.log.push(this.#record({ ...call, index: this.#calls - 1, write }, result, before));
      return result;
    });
  }

  async #perform<T>(
    call: Described,
    write: number | undefined,
    { signal }: CallOptions,
    act: () => KubernetesResult<T>,
  ): Promise<KubernetesResult<T>> {
    const verdict = await this.#unlessAborted(this.#verdict(call, write), signal);
    if (verdict === 'aborted' || signal?.aborted) return fail({ kind: 'cancelled' });
    if (verdict === 'proceed') return act();
    if (verdict.kind === 'fail') {
      if (verdict.applied === true) act();
      return fail(verdict.error);
    }
    if (verdict.when === 'after') act();
    this.kill();
    return never();
  }

  /** A call that is held back ends when its signal aborts, as on the wire, and never reaches the cluster. */
  #unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T | 'aborted'> {
    if (signal === undefined) return promise;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        if (!this.crashed) resolve('aborted');
      };
      signal.addEventListener('abort', abort, { once: true });
      promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }

  async #verdict(call: Described, write: number | undefined): Promise<Verdict> {
    const index = this.#calls++;
    // A call takes at least one turn, as everything on a network does.
    await undefined;
    if (this.crashed) await never();
    const verdict = await this.#intercept({ ...call, index, write });
    if (this.crashed) await never();
    return verdict;
  }

  #record(call: ClusterCall, result: KubernetesResult<unknown>, before: number): WriteRecord {
    const object = result.ok ? (result.value as KubernetesObject | undefined) : undefined;
    return {
      ...call,
      manager: this.#manager,
      code: result.ok ? (call.verb === 'create' ? 201 : 200) : codeOf(result.error),
      resourceVersion: object?.metadata.resourceVersion,
      changed: this.#cluster.database.history.current !== before,
    };
  }
}

function described(
  verb: ClusterCall['verb'],
  resource: string,
  namespace: string | undefined,
  name: string | undefined,
  body?: object,
): Described {
  return { verb, resource, namespace, name, body: body === undefined ? undefined : structuredClone(body) };
}

const codeOf = (error: KubernetesError): number => (error.kind === 'status' ? error.code : 0);
/** The caller says what kind it reads, as with the real port. */
const as = <T>(value: unknown): T => value as T;
/** A dead process: nothing that waits for it goes on. */
const never = (): Promise<never> => new Promise(() => undefined);
