import type { KubernetesObject, ResourceType } from '../../../src/ports/kubernetes.ts';

/** One write that changed something; `old` and `object` are absent before creation and after deletion. */
export interface HistoryEntry {
  readonly resourceVersion: number;
  readonly type: ResourceType;
  readonly old: KubernetesObject | undefined;
  readonly object: KubernetesObject | undefined;
}

/** Every change in order, as etcd keeps it: watches read from here. */
export class History {
  readonly #entries: HistoryEntry[] = [];
  #listeners: (() => void)[] = [];
  #observe: (entry: HistoryEntry) => void = () => undefined;
  #current = 1;
  #compacted = 0;

  get current(): number {
    return this.#current;
  }

  /** Versions up to this one can no longer be watched from. */
  get compacted(): number {
    return this.#compacted;
  }

  /** The resourceVersion that the next write will get. */
  get next(): number {
    return this.#current + 1;
  }

  append(type: ResourceType, old: KubernetesObject | undefined, object: KubernetesObject | undefined): void {
    this.#current += 1;
    const entry = { resourceVersion: this.#current, type, old, object };
    this.#entries.push(entry);
    this.#observe(entry);
    this.wake();
  }

  /** Tells each further change as it happens, to one listener. */
  observe(listener: (entry: HistoryEntry) => void): void {
    this.#observe = listener;
  }

  since(resourceVersion: number): HistoryEntry[] {
    const first = this.#entries[0]?.resourceVersion ?? 0;
    return this.#entries.slice(Math.max(0, resourceVersion + 1 - first));
  }

  /** Forgets the past: who is not up to date gets 410. */
  compact(): void {
    this.#compacted = this.#current;
  }

  /** Resolves at the next change, or at `wake`. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#listeners.push(resolve));
  }

  wake(): void {
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
