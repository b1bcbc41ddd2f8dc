/**
 * Keeps a copy of the objects of one kind, from a paged list and a watch.
 *
 * Guarantees: after any error it comes back, for ever, with a capped backoff; what was deleted while it could not see
 * is reported as deleted; handlers see each key's changes in order and cannot break the loop; after `stop` was called
 * no handler is called and no watch is opened.
 * Assumptions: the API's calls end when their signal aborts.
 * Failure: none is final; `sync` tells whether there is a copy, and whether it is refused; `lastActivity` tells how old the copy may be, `lastProgress` whether the loop itself is alive.
 */
import type { KubernetesError, KubernetesObject, ResourceType } from '../ports/kubernetes.ts';
import type { Metrics } from '../ports/metrics.ts';
import { type BackoffPolicy, backoffDelay } from './backoff.ts';
import { type Handler, Handlers } from './handlers.ts';
import {
  type InformerInput,
  type InformerState,
  initial,
  isExpired,
  step,
  type WaitReason,
} from './informer-state.ts';
import { ListWatch, type ListWatchOptions } from './list-watch.ts';
import { ObjectStore } from './object-store.ts';

export interface InformerOptions<T extends KubernetesObject> extends ListWatchOptions<T> {
  readonly metrics: Metrics;
}

/**
 * How far the first list came. `refused`: the server answered that the rights are missing (403), as it does for ever
 * where a namespace is gone with the rights in it; the list is tried again as after any error. Synced is final.
 */
export type Sync = 'awaited' | 'refused' | 'synced';

/** Whether there is a copy at all. */
export interface Syncing {
  sync(): Sync;
  hasSynced(): boolean;
  /** Resolves true once synced, false when `signal` aborts or the informer stops first. */
  whenSynced(signal?: AbortSignal): Promise<boolean>;
  /** Resolves once the first list came or was refused, and when `signal` aborts or the informer stops. */
  whenAnswered(signal?: AbortSignal): Promise<void>;
}

/** What readers of the copy and the manager need; one informer, or several as one. */
export interface ObjectSource<T extends KubernetesObject> extends Syncing {
  readonly type: ResourceType;
  start(): void;
  stop(): Promise<void>;
  /** What is waited for, as people read it; empty once synced. */
  unsynced(): readonly string[];
  /** The part that knows the objects of this namespace, or the whole where that is not parted. */
  within(namespace: string): Syncing;
  /** By `namespace/name`, or `name` for cluster-scoped kinds. */
  get(key: string): T | undefined;
  list(): T[];
  byNamespace(namespace: string): T[];
  /** Objects that are known already are delivered as added, at once. */
  addHandler(handler: Handler<T>): void;
  /** When the server last sent something; milliseconds since the epoch. */
  lastActivity(): number;
  /** When the loop last did anything, failed attempts included. */
  lastProgress(): number;
}

const BACKOFF: BackoffPolicy = { initialMs: 1_000, maxMs: 60_000, jitter: 0.5 };
const SPREAD_MS = 5_000;
const MAX_RETRY_AFTER_MS = 300_000;

export class Informer<T extends KubernetesObject> implements ObjectSource<T> {
  readonly #options: InformerOptions<T>;
  readonly #store = new ObjectStore<T>();
  readonly #handlers: Handlers<T>;
  readonly #listWatch: ListWatch<T>;
  readonly #stopping = new AbortController();
  #state: InformerState = initial;
  #listed: T[] = [];
  #loop: Promise<void> | undefined;
  #sync: Sync = 'awaited';
  #syncWaiters: (() => void)[] = [];
  #lastActivity: number;
  #lastProgress: number;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#handlers = new Handlers(options.logger);
    this.#listWatch = new ListWatch(options);
    this.#lastActivity = options.clock.now();
    this.#lastProgress = options.clock.now();
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#state = step(this.#state, { kind: 'stop' });
    this.#wakeSyncWaiters();
    await this.#loop;
  }

  sync(): Sync {
    return this.#sync;
  }

  hasSynced(): boolean {
    return this.#sync === 'synced';
  }

  async whenSynced(signal?: AbortSignal): Promise<boolean> {
    await this.#until(() => this.hasSynced(), signal);
    return this.hasSynced();
  }

  whenAnswered(signal?: AbortSignal): Promise<void> {
    return this.#until(() => this.#sync !== 'awaited', signal);
  }

  unsynced(): readonly string[] {
    if (this.hasSynced()) return [];
    const { namespace, type } = this.#options;
    const what = namespace === undefined ? type.plural : `${type.plural} in ${namespace}`;
    return [this.#sync === 'refused' ? `${what} (refused)` : what];
  }

  within(): Syncing {
    return this;
  }

  get(key: string): T | undefined {
    return this.#store.get(key);
  }

  list(): T[] {
    return this.#store.list();
  }

  byNamespace(namespace: string): T[] {
    return this.#store.byNamespace(namespace);
  }

  addHandler(handler: Handler<T>): void {
    this.#handlers.add(handler);
    for (const object of this.list()) this.#handlers.deliver(handler, { kind: 'added', object });
  }

  get type(): ResourceType {
    return this.#options.type;
  }

  lastActivity(): number {
    return this.#lastActivity;
  }

  lastProgress(): number {
    return this.#lastProgress;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) this.#advance(await this.#act(this.#state));
  }

  #advance(input: InformerInput): void {
    this.#lastProgress = this.#options.clock.now();
    if (this.#stopping.signal.aborted) return;
    this.#state = step(this.#state, input);
    this.#observe(input);
  }

  #act(state: InformerState): Promise<InformerInput> {
    switch (state.kind) {
      case 'listing':
        return this.#list(state.continueToken);
      case 'watching':
        return this.#watch(state.resourceVersion);
      case 'waiting':
        return this.#wait(state.why, state.failures);
      case 'stopped':
        return Promise.resolve({ kind: 'stop' });
    }
  }

  async #list(continueToken: string | undefined): Promise<InformerInput> {
    if (continueToken === undefined) this.#listed = [];
    const result = await this.#listWatch.page(continueToken, this.#stopping.signal);
    if (!result.ok) {
      if (isRefusal(result.error)) this.#answered('refused');
      return { kind: 'list-failed', error: result.error };
    }
    this.#active();
    this.#listed.push(...result.value.items);
    const { resourceVersion } = result.value;
    if (result.value.continueToken !== undefined) {
      return { kind: 'page', resourceVersion, continueToken: result.value.continueToken };
    }
    this.#replace();
    return { kind: 'page', resourceVersion, continueToken: undefined };
  }

  #replace(): void {
    if (this.#stopping.signal.aborted) return;
    const changes = this.#store.replace(this.#listed);
    this.#listed = [];
    for (const change of changes) this.#handlers.dispatch(change);
    this.#answered('synced');
  }

  /** A refusal later on takes nothing away: there is a copy, which grows old. */
  #answered(sync: 'refused' | 'synced'): void {
    if (this.#sync === 'synced' || this.#sync === sync) return;
    if (this.#sync === 'refused')
      this.#options.logger.info('A list that was refused is answered now.', this.#scope());
    this.#sync = sync;
    this.#wakeSyncWaiters();
  }

  #watch(resourceVersion: string): Promise<InformerInput> {
    return this.#listWatch.watch(resourceVersion, this.#stopping.signal, (event) => {
      this.#active();
      const changes = event.kind === 'change' ? this.#apply(event.deleted, event.object) : [];
      for (const change of changes) this.#handlers.dispatch(change);
      this.#advance({ kind: 'progress', resourceVersion: event.resourceVersion });
    });
  }

  #apply(deleted: boolean, object: T) {
    return deleted ? this.#store.remove(object) : this.#store.put(object);
  }

  async #wait(why: WaitReason, failures: number): Promise<InformerInput> {
    await this.#options.clock.sleep(this.#delay(why, failures), this.#stopping.signal);
    return { kind: 'waited' };
  }

  #delay(why: WaitReason, failures: number): number {
    const { random } = this.#options;
    if (why.kind === 'spread') return random.next() * SPREAD_MS;
    const asked = Math.min(why.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
    // More than asked, never less, and not the same for everyone who was told the same.
    return Math.max(asked * (1 + random.next() / 4), backoffDelay(failures, BACKOFF, random));
  }

  #active(): void {
    this.#lastActivity = this.#options.clock.now();
  }

  #observe(input: InformerInput): void {
    const cause = restartCause(input);
    if (cause === undefined) return;
    const { logger, metrics, type } = this.#options;
    metrics.increment('watch_restarts_total', { resource: type.plural, cause });
    if (cause === 'closed') return;
    const fields = { ...this.#scope(), cause, input };
    if (this.hasSynced()) logger.info('A list or watch was interrupted and starts again.', fields);
    else if (this.#sync === 'awaited') logger.warn('The first list failed and starts again.', fields);
    else
      logger.warn(
        'The first list is refused: nothing is served there until the rights to list are granted.',
        fields,
      );
  }

  #scope() {
    const { namespace, type } = this.#options;
    return { resource: type.plural, ...(namespace === undefined ? {} : { namespace }) };
  }

  async #until(holds: () => boolean, signal: AbortSignal | undefined): Promise<void> {
    while (!holds() && !signal?.aborted && !this.#stopping.signal.aborted)
      await new Promise<void>((resolve) => {
        this.#syncWaiters.push(resolve);
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
  }

  #wakeSyncWaiters(): void {
    for (const wake of this.#syncWaiters.splice(0)) wake();
  }
}

const isRefusal = (error: KubernetesError): boolean => error.kind === 'status' && error.code === 403;

function restartCause(input: InformerInput): string | undefined {
  if (input.kind === 'list-failed') return isExpired(input.error) ? 'expired' : 'list-failed';
  if (input.kind !== 'watch-ended') return undefined;
  if (input.end.kind !== 'failed') return input.end.kind;
  return isExpired(input.end.error) ? 'expired' : 'failed';
}
