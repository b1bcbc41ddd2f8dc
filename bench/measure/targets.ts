/**
 * What the targets hold, seen by watching: one object at a time, so that the bench takes little of what it measures.
 *
 * Guarantees: the time of a value is when the API server told of it, at the first sight of that value.
 * Failure: a watch that ends before `stop` shows in `failure`.
 */
import type { ApiClient } from '../../dev/cluster/api.ts';

export type TargetKind = 'configmaps' | 'secrets';

interface Seen {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface WatchEvent {
  readonly type: string;
  readonly object: {
    readonly metadata: { readonly namespace?: string; readonly name?: string };
    readonly data?: Readonly<Record<string, string>>;
  };
}

export interface WatchedKeys {
  /** The key whose value is followed, per kind. */
  readonly configmaps: string;
  readonly secrets: string;
}

export class Targets {
  /** Why a watch ended by itself. */
  failure: Error | undefined;
  readonly #stop = new AbortController();
  readonly #seen: Readonly<Record<TargetKind, Map<string, Seen>>> = {
    configmaps: new Map(),
    secrets: new Map(),
  };
  readonly #keys: WatchedKeys;

  constructor(api: ApiClient, keys: WatchedKeys) {
    this.#keys = keys;
    this.#watch(api, 'configmaps');
    this.#watch(api, 'secrets');
  }

  /** How many targets of a kind hold `value` under the watched key. */
  count(kind: TargetKind, value: string, accepts: (key: string) => boolean = () => true): number {
    return this.arrivals(kind, value, accepts).length;
  }

  /** When the targets that hold `value` came to do so; `accepts` judges `namespace/name`. */
  arrivals(kind: TargetKind, value: string, accepts: (key: string) => boolean = () => true): number[] {
    const found = [...this.#seen[kind]].filter(([key, seen]) => seen.value === value && accepts(key));
    return found.map(([, { at }]) => at);
  }

  stop(): void {
    this.#stop.abort();
  }

  #watch(api: ApiClient, kind: TargetKind): void {
    const { signal } = this.#stop;
    const path = `/api/v1/${kind}?watch=true&timeoutSeconds=7200`;
    api
      .stream(path, signal, (line) => this.#take(kind, JSON.parse(line) as WatchEvent))
      .then(
        () => this.#ended(kind, undefined),
        (error: unknown) => this.#ended(kind, error),
      );
  }

  #ended(kind: TargetKind, cause: unknown): void {
    if (!this.#stop.signal.aborted) this.failure = new Error(`the bench's watch of ${kind} ended`, { cause });
  }

  #take(kind: TargetKind, { type, object }: WatchEvent): void {
    const { namespace = '', name = '' } = object.metadata;
    const key = `${namespace}/${name}`;
    const value = object.data?.[this.#keys[kind]];
    if (type === 'DELETED') this.#seen[kind].delete(key);
    else if (value !== undefined && this.#seen[kind].get(key)?.value !== value)
      this.#seen[kind].set(key, { value, at: Date.now() });
  }
}
