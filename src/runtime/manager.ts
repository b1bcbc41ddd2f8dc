/**
 * Puts the parts of a controller together: informers first, then leadership, then work.
 *
 * Guarantees: the queue runs only while this process leads and all informers have synced; a stop lets active work
 * finish, then frees the lease, so that the next leader never meets ours at work.
 * Failure: a lost lease pauses the queue and aborts active work; the process stays a candidate.
 */
import type { Clock } from '../ports/clock.ts';
import type { KubernetesObject } from '../ports/kubernetes.ts';
import type { Logger } from '../ports/logger.ts';
import type { ObjectSource } from './informer.ts';
import type { LeadershipCallbacks } from './leader-election.ts';
import type { WorkQueue } from './workqueue.ts';

export interface ManagerOptions {
  readonly informers: readonly Pick<
    ObjectSource<KubernetesObject>,
    'start' | 'stop' | 'hasSynced' | 'whenSynced' | 'unsynced' | 'lastProgress'
  >[];
  readonly queue: Pick<WorkQueue, 'resume' | 'pause' | 'stop'>;
  /** Absent: this process is alone and always leads. */
  readonly election?: { start(callbacks: LeadershipCallbacks): void; stop(): Promise<void> };
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called each time work is about to start: add every key, since another leader may have been at work. */
  readonly onLeading?: () => void;
  /** An informer whose loop did nothing for so long hangs. Longer than its silence, backoff and deadlines together. */
  readonly stallAfterMs?: number;
}

export type Health = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const STALL_AFTER_MS = 600_000;
const healthy: Health = { ok: true };
/** A reason must not grow with the namespaces. */
const NAMED = 5;

export class Manager {
  readonly #options: ManagerOptions;
  readonly #stopping = new AbortController();
  #startup: Promise<void> | undefined;
  /** Pausing takes time; a later change of leadership waits for it. */
  #transition: Promise<void> = Promise.resolve();
  #leads = false;

  constructor(options: ManagerOptions) {
    this.#options = options;
  }

  /** Whether this process is the one that works. */
  get leads(): boolean {
    return this.#leads;
  }

  /** Returns at once; `ready` tells when it is done. */
  start(): void {
    this.#startup ??= this.#start();
  }

  /** Finishes active work within `deadlineMs`. @returns whether everything ended in time. */
  async stop(deadlineMs: number): Promise<boolean> {
    this.#stopping.abort();
    const drained = await this.#options.queue.stop(deadlineMs);
    await Promise.all(this.#options.informers.map((informer) => informer.stop()));
    await this.#startup;
    await this.#options.election?.stop();
    if (!drained) this.#options.logger.warn('Work was still going on at the end of the shutdown deadline.');
    return drained;
  }

  /** True for followers too: an upgrade waits for every replica. */
  ready(): Health {
    if (this.#stopping.signal.aborted) return { ok: false, reason: 'shutting down' };
    const { informers } = this.#options;
    if (informers.every((informer) => informer.hasSynced())) return healthy;
    const unsynced = informers.flatMap((informer) => informer.unsynced());
    return { ok: false, reason: `caches not synced: ${firstFew(unsynced)}` };
  }

  /** Not affected by a server that cannot be reached: a restart would not help then. */
  live(): Health {
    const { clock, informers, stallAfterMs = STALL_AFTER_MS } = this.#options;
    const oldest = Math.min(...informers.map((informer) => informer.lastProgress()));
    return clock.now() - oldest < stallAfterMs ? healthy : { ok: false, reason: 'an informer is stalled' };
  }

  async #start(): Promise<void> {
    const { election, informers } = this.#options;
    for (const informer of informers) informer.start();
    await Promise.all(informers.map((informer) => informer.whenSynced(this.#stopping.signal)));
    if (this.#stopping.signal.aborted) return;
    if (election === undefined) this.#lead();
    else election.start({ onLeading: () => this.#lead(), onLost: () => this.#follow() });
  }

  #lead(): void {
    this.#leads = true;
    this.#enqueue(async () => {
      if (!this.#leads) return;
      this.#options.onLeading?.();
      this.#options.queue.resume();
    });
  }

  #follow(): void {
    this.#leads = false;
    // The abort must not wait for anything: writes under a lost lease end now.
    const paused = this.#options.queue.pause();
    this.#enqueue(() => paused);
  }

  #enqueue(change: () => Promise<void>): void {
    this.#transition = this.#transition.then(change).catch((error: unknown) => {
      this.#options.logger.error('A change of leadership failed unexpectedly.', { error });
    });
  }
}

function firstFew(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
