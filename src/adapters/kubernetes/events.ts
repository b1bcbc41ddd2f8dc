/**
 * Kubernetes events through events.k8s.io/v1.
 *
 * Guarantees: `record` returns at once and never throws; the same event again within ten minutes raises the count of
 * the first instead of making another; events of one object are written in order; memory is bounded.
 *
 * Events are for people, reconciles come first: one is written at a time, and after a burst twenty per second. A first
 * sync of a thousand bindings, which takes some ten seconds, is told of over fifty.
 * Failure: an event that cannot be written is logged and lost, as is the newest one while too many wait, or when its
 * object has had too many (`EventLimits`).
 */
import type { Clock, Timer } from '../../ports/clock.ts';
import type { EventRecorder, EventToRecord } from '../../ports/events.ts';
import type { KubernetesError, ObjectWriter } from '../../ports/kubernetes.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { EventLimits } from './event-limits.ts';
import { EVENTS, eventNamespace, eventObject, eventRef, type Reporter, seriesPatch } from './event-object.ts';
import { TokenBucket } from './token-bucket.ts';

export interface EventRecorderOptions {
  readonly api: Pick<ObjectWriter, 'create' | 'mergePatch'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly reporter: Reporter;
  /** How many may wait to be written; default 10,000: a first sync of some thousand bindings. */
  readonly queueLimit?: number;
}

/** `flush` writes what waits, as fast as it can, and gives up what is left after `limitMs` (default 5 s). */
export interface FlushableEventRecorder extends EventRecorder {
  flush(limitMs?: number): Promise<void>;
}

interface Series {
  readonly name: string;
  readonly count: number;
  readonly lastSeen: number;
}

const SERIES_MS = 600_000;
const MAX_SERIES = 2_000;
/** Writes in flight, usually and at the end. */
const WIDTH = 1;
const HURRIED_WIDTH = 4;
/** Written at once before the pace begins: what happens on a usual day is never held back. */
const BURST = 50;
const PACE_MS = 50;
const FLUSH_MS = 5_000;

export function createEventRecorder(options: EventRecorderOptions): FlushableEventRecorder {
  return new Recorder(options);
}

class Recorder implements FlushableEventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #waiting: EventToRecord[] = [];
  /** By what makes two events the same; in the order of last sight, so that the oldest can be forgotten. */
  readonly #series = new Map<string, Series>();
  readonly #limits = new EventLimits();
  readonly #pace: TokenBucket;
  /** Uids of objects an event of which is being written. */
  readonly #writing = new Set<string>();
  #idle: (() => void)[] = [];
  #timer: Timer | undefined;
  #hurried = false;
  #serial = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#pace = new TokenBucket(BURST, PACE_MS, options.clock.now());
  }

  record(event: EventToRecord): void {
    const { clock, logger, queueLimit = 10_000 } = this.#options;
    const { reason, regarding } = event;
    if (!this.#limits.allows(regarding.uid, clock.now())) {
      logger.debug('An event was dropped: its object has had too many.', { reason });
      return;
    }
    if (this.#waiting.length >= queueLimit) {
      logger.warn('An event was dropped: too many wait.', { reason });
      return;
    }
    this.#waiting.push(event);
    this.#pump();
  }

  async flush(limitMs = FLUSH_MS): Promise<void> {
    this.#hurried = true;
    const waiting = new AbortController();
    await Promise.race([this.#whenIdle(), this.#options.clock.sleep(limitMs, waiting.signal)]);
    waiting.abort();
    this.#hurried = false;
    const lost = this.#waiting.splice(0).length;
    if (lost > 0) this.#options.logger.warn('Events were given up at the end.', { lost });
  }

  #whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#pump();
    });
  }

  /** Begins whatever may begin now. */
  #pump(): void {
    while (this.#writing.size < (this.#hurried ? HURRIED_WIDTH : WIDTH)) {
      // One of each object at a time: the count of a series, and the order in which people read.
      const next = this.#waiting.findIndex(({ regarding }) => !this.#writing.has(regarding.uid));
      if (next < 0 || !this.#mayBegin()) break;
      for (const event of this.#waiting.splice(next, 1)) void this.#carryOut(event);
    }
    if (this.#waiting.length === 0 && this.#writing.size === 0)
      for (const wake of this.#idle.splice(0)) wake();
  }

  #mayBegin(): boolean {
    const { clock } = this.#options;
    if (this.#hurried || this.#pace.take(clock.now())) return true;
    this.#timer ??= clock.setTimer(this.#pace.wait(clock.now()), () => {
      this.#timer = undefined;
      this.#pump();
    });
    return false;
  }

  async #carryOut(event: EventToRecord): Promise<void> {
    const { uid } = event.regarding;
    this.#writing.add(uid);
    try {
      const error = await this.#write(event);
      if (error === undefined) this.#options.metrics.increment('events_total', { reason: event.reason });
      else this.#lost(event, error);
    } catch (error) {
      this.#lost(event, error);
    }
    this.#writing.delete(uid);
    this.#pump();
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
