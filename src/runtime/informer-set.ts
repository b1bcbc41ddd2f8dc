import type { KubernetesObject, ResourceType } from '../ports/kubernetes.ts';
import type { Handler } from './handlers.ts';
import type { ObjectSource } from './informer.ts';
import { splitKey } from './object-store.ts';

/**
 * Several informers of one kind, one per namespace, as one. Synced when all are; as old as the oldest.
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

  hasSynced(): boolean {
    return this.#all().every((informer) => informer.hasSynced());
  }

  async whenSynced(signal?: AbortSignal): Promise<boolean> {
    const synced = await Promise.all(this.#all().map((informer) => informer.whenSynced(signal)));
    return synced.every(Boolean);
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

  lastActivity(): number {
    return Math.min(...this.#all().map((informer) => informer.lastActivity()));
  }

  lastProgress(): number {
    return Math.min(...this.#all().map((informer) => informer.lastProgress()));
  }

  #all(): ObjectSource<T>[] {
    return [...this.#byNamespace.values()];
  }
}
