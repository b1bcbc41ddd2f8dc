import type { KubernetesObject, ResourceType } from '../ports/kubernetes.ts';
import type { Handler } from './handlers.ts';
import type { ObjectSource, Sync, Syncing } from './informer.ts';
import { splitKey } from './object-store.ts';

/**
 * Several informers of one kind, one per namespace, as one; as old as the oldest.
 *
 * Synced when all have answered and one has synced. A namespace whose list is refused keeps nobody from the others: it
 * may be gone, and then it is refused for ever. It joins when it is answered. Where all are refused, the rights were
 * forgotten, and there is nothing to begin with.
 */
export class InformerSet<T extends KubernetesObject> implements ObjectSource<T> {
  readonly type: ResourceType;
  readonly #byNamespace: ReadonlyMap<string, ObjectSource<T>>;

  /** @param byNamespace must not be empty. */
  constructor(byNamespace: ReadonlyMap<string, ObjectSource<T>>) {
    const [first] = byNamespace.values();
    if (first === undefined) throw new Error('An informer set needs at least one namespace.');
    this.type = first.type;
    this.#byNamespace = byNamespace;
  }

  start(): void {
    for (const informer of this.#all()) informer.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all().map((informer) => informer.stop()));
  }

  sync(): Sync {
    const states = this.#all().map((informer) => informer.sync());
    if (states.includes('awaited')) return 'awaited';
    return states.includes('synced') ? 'synced' : 'refused';
  }

  hasSynced(): boolean {
    return this.sync() === 'synced';
  }

  async whenSynced(signal?: AbortSignal): Promise<boolean> {
    await this.whenAnswered(signal);
    await Promise.race(this.#all().map((informer) => informer.whenSynced(signal)));
    return this.hasSynced();
  }

  async whenAnswered(signal?: AbortSignal): Promise<void> {
    await Promise.all(this.#all().map((informer) => informer.whenAnswered(signal)));
  }

  unsynced(): readonly string[] {
    return this.hasSynced() ? [] : this.#all().flatMap((informer) => informer.unsynced());
  }

  within(namespace: string): Syncing {
    return this.#byNamespace.get(namespace) ?? this;
  }

  get(key: string): T | undefined {
    return this.#byNamespace.get(splitKey(key).namespace ?? '')?.get(key);
  }

  list(): T[] {
    return this.#all().flatMap((informer) => informer.list());
  }

  byNamespace(namespace: string): T[] {
    return this.#byNamespace.get(namespace)?.byNamespace(namespace) ?? [];
  }

  addHandler(handler: Handler<T>): void {
    for (const informer of this.#all()) informer.addHandler(handler);
  }

  /** What is refused has no copy that could be old. */
  lastActivity(): number {
    const copies = this.#all().filter((informer) => informer.sync() !== 'refused');
    const counted = copies.length === 0 ? this.#all() : copies;
    return Math.min(...counted.map((informer) => informer.lastActivity()));
  }

  lastProgress(): number {
    return Math.min(...this.#all().map((informer) => informer.lastProgress()));
  }

  #all(): ObjectSource<T>[] {
    return [...this.#byNamespace.values()];
  }
}
