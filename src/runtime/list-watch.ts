import type { Clock } from '../ports/clock.ts';
import type {
  KubernetesError,
  KubernetesObject,
  KubernetesResult,
  ObjectList,
  ObjectReader,
  ObjectWatcher,
  ResourceType,
  WatchEvent,
} from '../ports/kubernetes.ts';
import type { Logger } from '../ports/logger.ts';
import type { Random } from '../ports/random.ts';
import { ActivityTimer } from './activity-timer.ts';
import { jittered } from './backoff.ts';
import type { InformerInput, WatchEnd } from './informer-state.ts';

/** What is listed and watched, and how. */
export interface ListWatchOptions<T extends KubernetesObject> {
  readonly api: ObjectReader & ObjectWatcher;
  readonly type: ResourceType;
  /** Absent: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly metadataOnly?: boolean;
  /** Applied to each object before it is stored; `managedFields` are dropped before. */
  readonly transform?: (object: T) => T;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly pageSize?: number;
  /** A watch without event or bookmark for so long is taken for dead. Servers send bookmarks about every minute. */
  readonly inactivityMs?: number;
}

/** What a watch tells while it goes on. */
export type WatchSignal<T> =
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }
  | {
      readonly kind: 'change';
      readonly deleted: boolean;
      readonly object: T;
      readonly resourceVersion: string;
    };

const PAGE_SIZE = 500;
/** Two bookmark periods of the API server. */
const INACTIVITY_MS = 120_000;
/** Four to eight minutes, so that the watches of many clients do not end together. */
const WATCH_SECONDS = 360;

/** The calls behind an informer: one page of a list, and one watch to its end. Never throws. */
export class ListWatch<T extends KubernetesObject> {
  readonly #options: ListWatchOptions<T>;

  constructor(options: ListWatchOptions<T>) {
    this.#options = options;
  }

  async page(
    continueToken: string | undefined,
    signal: AbortSignal,
  ): Promise<KubernetesResult<ObjectList<T>>> {
    const { api, type, pageSize = PAGE_SIZE } = this.#options;
    try {
      const continued = continueToken === undefined ? {} : { continueToken };
      const result = await api.list<T>(type, { ...this.#scope(), ...continued, limit: pageSize, signal });
      if (!result.ok) return result;
      return {
        ok: true,
        value: { ...result.value, items: result.value.items.map((item) => this.#strip(item)) },
      };
    } catch (error) {
      return { ok: false, error: this.#bug(error) };
    }
  }

  /** Watches from `resourceVersion` until the watch ends in whatever way. */
  async watch(
    resourceVersion: string,
    signal: AbortSignal,
    tell: (event: WatchSignal<T>) => void,
  ): Promise<InformerInput> {
    const { clock, inactivityMs = INACTIVITY_MS } = this.#options;
    const started = clock.now();
    const silent = new AbortController();
    const timer = new ActivityTimer(clock, inactivityMs, () => silent.abort());
    const end = await this.#consume(resourceVersion, AbortSignal.any([signal, silent.signal]), (event) => {
      timer.touch();
      if (!signal.aborted && !silent.signal.aborted) tell(event);
    });
    timer.cancel();
    const dead = silent.signal.aborted ? ({ kind: 'silent' } as const) : end;
    return { kind: 'watch-ended', end: dead, lastedMs: clock.now() - started };
  }

  async #consume(
    resourceVersion: string,
    signal: AbortSignal,
    tell: (event: WatchSignal<T>) => void,
  ): Promise<WatchEnd> {
    const { api, type, random } = this.#options;
    const timeoutSeconds = jittered(WATCH_SECONDS, 1 / 3, random);
    try {
      const options = { ...this.#scope(), resourceVersion, timeoutSeconds, signal };
      for await (const event of api.watch<T>(type, options)) {
        if (event.type === 'error') return { kind: 'failed', error: event.error };
        tell(this.#signalOf(event));
      }
      return { kind: 'closed' };
    } catch (error) {
      return { kind: 'failed', error: this.#bug(error) };
    }
  }

  #signalOf(event: Exclude<WatchEvent<T>, { type: 'error' }>): WatchSignal<T> {
    if (event.type === 'bookmark') return { kind: 'bookmark', resourceVersion: event.resourceVersion };
    const resourceVersion = event.object.metadata.resourceVersion ?? '';
    return {
      kind: 'change',
      deleted: event.type === 'deleted',
      object: this.#strip(event.object),
      resourceVersion,
    };
  }

  #scope() {
    const { namespace, labelSelector, metadataOnly } = this.#options;
    return {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(metadataOnly === undefined ? {} : { metadataOnly }),
    };
  }

  /** managedFields are often half of an object and no reader of a cache wants them. */
  #strip(object: T): T {
    const { managedFields: _, ...metadata } = object.metadata;
    const stripped = { ...object, metadata };
    return this.#options.transform?.(stripped) ?? stripped;
  }

  /** A bug, ours or of the transform: told, and treated like an answer that cannot be read, so that it is listed anew. */
  #bug(error: unknown): KubernetesError {
    this.#options.logger.error('A list or watch failed unexpectedly.', {
      error,
      resource: this.#options.type.plural,
    });
    return { kind: 'transport', code: 'BadJson' };
  }
}
