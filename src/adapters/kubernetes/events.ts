/**
 * Kubernetes events through events.k8s.io/v1.
 *
 * Guarantees: `record` returns at once and never throws; the same event again within ten minutes raises the count of
 * the first instead of making another; memory is bounded.
 * Failure: an event that cannot be written is logged and lost, as is the newest one while too many wait.
 */
import type { Clock } from '../../ports/clock.ts';
import type { EventRecorder, EventToRecord } from '../../ports/events.ts';
import type { KubernetesError, ObjectWriter } from '../../ports/kubernetes.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { EVENTS, eventNamespace, eventObject, eventRef, type Reporter, seriesPatch } from './event-object.ts';

export interface EventRecorderOptions {
  readonly api: Pick<ObjectWriter, 'create' | 'mergePatch'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly reporter: Reporter;
  /** How many may wait to be written; default 10,000: a first sync of some thousand bindings. */
  readonly queueLimit?: number;
}

/** `flush` resolves when nothing waits to be written. */
export interface FlushableEventRecorder extends EventRecorder {
  flush(): Promise<void>;
}

interface Series {
  readonly name: string;
  readonly count: number;
  readonly lastSeen: number;
}

const SERIES_MS = 600_000;
const MAX_SERIES = 2_000;

export function createEventRecorder(options: EventRecorderOptions): FlushableEventRecorder {
  return new Recorder(options);
}

class Recorder implements FlushableEventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #waiting: EventToRecord[] = [];
  /** By what makes two events the same; in the order of last sight, so that the oldest can be forgotten. */
  readonly #series = new Map<string, Series>();
  #writing: Promise<void> = Promise.resolve();
  #serial = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(event: EventToRecord): void {
    const { logger, queueLimit = 10_000 } = this.#options;
    if (this.#waiting.length >= queueLimit) {
      logger.warn('An event was dropped: too many wait.', { reason: event.reason });
      return;
    }
    // One at a time: a burst of events must not crowd out reconciles.
    this.#waiting.push(event);
    this.#writing = this.#writing.then(() => this.#next());
  }

  async flush(): Promise<void> {
    while (this.#waiting.length > 0) await this.#writing;
    await this.#writing;
  }

  async #next(): Promise<void> {
    const event = this.#waiting.shift();
    if (event === undefined) return;
    try {
      const error = await this.#write(event);
      if (error === undefined) this.#options.metrics.increment('events_total', { reason: event.reason });
      else this.#lost(event, error);
    } catch (error) {
      this.#lost(event, error);
    }
  }

  async #write(event: EventToRecord): Promise<KubernetesError | undefined> {
    const now = this.#options.clock.now();
    const key = JSON.stringify([event.regarding.uid, event.reason, event.note]);
    const series = this.#series.get(key);
    const repeated = series !== undefined && now - series.lastSeen < SERIES_MS;
    if (!repeated) return this.#create(event, key, now);
    const error = await this.#repeat(event, key, series, now);
    // The server forgets events after a while.
    return error?.kind === 'status' && error.code === 404 ? this.#create(event, key, now) : error;
  }

  async #create(event: EventToRecord, key: string, now: number): Promise<KubernetesError | undefined> {
    this.#serial = (this.#serial + 1) % 0x10000;
    const object = eventObject(event, this.#options.reporter, now, this.#serial);
    const result = await this.#options.api.create(EVENTS, object);
    if (!result.ok) return result.error;
    this.#remember(key, { name: object.metadata.name, count: 1, lastSeen: now });
    return undefined;
  }

  async #repeat(
    event: EventToRecord,
    key: string,
    { count, name }: Series,
    now: number,
  ): Promise<KubernetesError | undefined> {
    const ref = eventRef(eventNamespace(event), name);
    const result = await this.#options.api.mergePatch(ref, seriesPatch(count + 1, now));
    if (!result.ok) return result.error;
    this.#remember(key, { name, count: count + 1, lastSeen: now });
    return undefined;
  }

  #remember(key: string, series: Series): void {
    this.#series.delete(key);
    this.#series.set(key, series);
    const [oldest] = this.#series.keys();
    if (this.#series.size > MAX_SERIES && oldest !== undefined) this.#series.delete(oldest);
  }

  #lost({ reason, regarding }: EventToRecord, error: unknown): void {
    const { name, namespace, type } = regarding;
    this.#options.logger.warn('An event could not be recorded.', {
      reason,
      kind: type.kind,
      namespace,
      name,
      error,
    });
  }
}
