/**
 * An informer whose objects are shown only once its companions have synced, for objects that cannot be judged without
 * those of other kinds.
 *
 * Guarantees: before, it looks empty and calls no handler; then handlers are told of all there is as added, and of
 * every change that follows. It is as far as the one that is furthest back, and refused if one of them is.
 * Assumptions: companions are started and stopped by their owner.
 */
import type { KubernetesObject, ResourceType } from '../ports/kubernetes.ts';
import type { Handler } from './handlers.ts';
import type { ObjectSource, Sync, Syncing } from './informer.ts';

export class HeldBack<T extends KubernetesObject> implements ObjectSource<T> {
  readonly #informer: ObjectSource<T>;
  readonly #all: readonly Syncing[];
  /** Those who wait to be told; undefined once they are. */
  #waiting: Handler<T>[] | undefined = [];

  constructor(informer: ObjectSource<T>, companions: readonly Syncing[]) {
    this.#informer = informer;
    this.#all = [informer, ...companions];
  }

  get type(): ResourceType {
    return this.#informer.type;
  }

  start(): void {
    this.#informer.start();
    void this.#showWhenSynced();
  }

  stop(): Promise<void> {
    return this.#informer.stop();
  }

  sync(): Sync {
    const states = this.#all.map((one) => one.sync());
    if (states.includes('awaited')) return 'awaited';
    return states.includes('refused') ? 'refused' : 'synced';
  }

  hasSynced(): boolean {
    return this.sync() === 'synced';
  }

  async whenSynced(signal?: AbortSignal): Promise<boolean> {
    const synced = await Promise.all(this.#all.map((one) => one.whenSynced(signal)));
    return synced.every(Boolean);
  }

  async whenAnswered(signal?: AbortSignal): Promise<void> {
    await Promise.all(this.#all.map((one) => one.whenAnswered(signal)));
  }

  /** Companions tell of themselves. */
  unsynced(): readonly string[] {
    return this.#informer.unsynced();
  }

  within(): Syncing {
    return this;
  }

  get(key: string): T | undefined {
    return this.hasSynced() ? this.#informer.get(key) : undefined;
  }

  list(): T[] {
    return this.hasSynced() ? this.#informer.list() : [];
  }

  byNamespace(namespace: string): T[] {
    return this.hasSynced() ? this.#informer.byNamespace(namespace) : [];
  }

  addHandler(handler: Handler<T>): void {
    if (this.#waiting === undefined) this.#informer.addHandler(handler);
    else this.#waiting.push(handler);
  }

  lastActivity(): number {
    return this.#informer.lastActivity();
  }

  lastProgress(): number {
    return this.#informer.lastProgress();
  }

  async #showWhenSynced(): Promise<void> {
    if (!(await this.whenSynced())) return;
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const handler of waiting) this.#informer.addHandler(handler);
  }
}
