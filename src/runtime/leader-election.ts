/**
 * One leader among several replicas, by a Lease.
 *
 * Guarantees: `onLeading` and `onLost` alternate; `onLost` is called before another candidate can see the lease as
 * expired, as long as this process gets to run; after `stop` the lease is free for the next one at once.
 * Assumptions: clocks run at about the same speed; they need not agree.
 * Failure: a process that was suspended may believe for a moment that it still leads: writes carry preconditions, so
 * that an overlap of two leaders does no harm. A follower that cannot reach the API server keeps trying.
 */
import type { Clock } from '../ports/clock.ts';
import type { KubernetesResult, ObjectReader, ObjectWriter } from '../ports/kubernetes.ts';
import type { Logger } from '../ports/logger.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Random } from '../ports/random.ts';
import { jittered } from './backoff.ts';
import {
  heldBy,
  isFree,
  LEASES,
  type Lease,
  type LeaseSpec,
  type Observation,
  observe,
  released,
} from './lease.ts';

export interface LeaderElectionOptions {
  readonly api: ObjectReader & ObjectWriter;
  readonly namespace: string;
  /** Name of the Lease. */
  readonly name: string;
  /** Unique per process, e.g. the pod's name and a random part. */
  readonly identity: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** How long others wait after the last renewal they saw. */
  readonly leaseDurationMs?: number;
  /** How long the leader tries to renew before it steps down; shorter than the lease. */
  readonly renewDeadlineMs?: number;
  readonly retryPeriodMs?: number;
}

export interface LeadershipCallbacks {
  onLeading(): void;
  onLost(): void;
}

const DEFAULTS = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 };
/**
 * How much of the renew deadline one attempt of a leader may take. A server that dies behind a load balancer leaves a
 * connection that hangs, where a new one would be answered at once. With the defaults an attempt begins at most 2.4 s
 * after the last one did, as long as those are quick; if it hangs for 4 s, and after a pause of at most 2.4 s, more than
 * a second of the 10 is left for the next. Leaders whose every attempt takes longer would not keep the lease anyway:
 * what was renewed counts from when the attempt began.
 */
const ATTEMPT_SHARE = 0.4;

export class LeaderElection {
  readonly #options: LeaderElectionOptions & typeof DEFAULTS;
  readonly #stopping = new AbortController();
  #observation: Observation | undefined;
  /** When the lease was last ours for sure; undefined while following. */
  #renewedAt: number | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /** Candidates for the lease until `stop`, again after each loss. */
  start(callbacks: LeadershipCallbacks): void {
    this.#loop ??= this.#run(callbacks);
  }

  isLeading(): boolean {
    return this.#renewedAt !== undefined && this.#now() < this.#renewedAt + this.#options.leaseDurationMs;
  }

  /** Ends the candidacy and frees the lease; call when nothing writes any more. Does not call `onLost`. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    // Not only when leading: an attempt that was cut short may have gone through.
    if (this.#loop !== undefined) await this.#release();
    this.#renewedAt = undefined;
    this.#options.metrics.set('leader', {}, 0);
  }

  async #run(callbacks: LeadershipCallbacks): Promise<void> {
    const { clock, metrics, random, retryPeriodMs } = this.#options;
    metrics.set('leader', {}, 0);
    while (!this.#stopping.signal.aborted) {
      await this.#round(callbacks);
      await clock.sleep(jittered(retryPeriodMs, 0.2, random), this.#stopping.signal);
    }
  }

  async #round(callbacks: LeadershipCallbacks): Promise<void> {
    const leading = this.#renewedAt;
    const started = this.#now();
    const outcome = await this.#tryHold(this.#patience());
    if (this.#stopping.signal.aborted && outcome !== 'held') return;
    // From before the request: that is when others, at the earliest, start to count.
    if (outcome === 'held') this.#renewedAt = started;
    if (outcome === 'held' && leading === undefined) this.#announce(callbacks, true);
    if (leading === undefined || outcome === 'held') return;
    if (outcome === 'taken' || this.#isLate(leading)) {
      this.#renewedAt = undefined;
      this.#announce(callbacks, false);
    }
  }

  /** A clock that was set back no longer tells how long ago that was. */
  #isLate(renewedAt: number): boolean {
    const age = this.#now() - renewedAt;
    return age < 0 || age >= this.#options.renewDeadlineMs;
  }

  #announce(callbacks: LeadershipCallbacks, leading: boolean): void {
    const { identity, logger, metrics, name } = this.#options;
    metrics.set('leader', {}, leading ? 1 : 0);
    logger.info(leading ? 'Became leader.' : 'Lost the lease.', { lease: name, identity });
    if (this.#stopping.signal.aborted) return;
    if (leading) callbacks.onLeading();
    else callbacks.onLost();
  }

  /** How long one attempt may take: a leader must try again in time, and notice in time that it can no longer renew. */
  #patience(): number {
    const { renewDeadlineMs } = this.#options;
    if (this.#renewedAt === undefined) return renewDeadlineMs;
    const remaining = this.#renewedAt + renewDeadlineMs - this.#now();
    return Math.min(Math.max(1, remaining), ATTEMPT_SHARE * renewDeadlineMs);
  }

  async #tryHold(patienceMs: number): Promise<'held' | 'taken' | 'failed'> {
    const attempt = new AbortController();
    const timer = this.#options.clock.setTimer(patienceMs, () => attempt.abort());
    try {
      return await this.#hold(AbortSignal.any([attempt.signal, this.#stopping.signal]));
    } catch (error) {
      this.#options.logger.error('Leader election failed unexpectedly.', { error });
      return 'failed';
    } finally {
      timer.cancel();
    }
  }

  async #hold(signal: AbortSignal): Promise<'held' | 'taken' | 'failed'> {
    const { identity, leaseDurationMs } = this.#options;
    const read = await this.#read(signal);
    if (!read.ok)
      return read.error.kind === 'status' && read.error.code === 404 ? this.#create(signal) : 'failed';
    this.#observation = observe(this.#observation, read.value, this.#now());
    if (!isFree(this.#observation, identity, this.#now())) return 'taken';
    const spec = heldBy(identity, read.value.spec, leaseDurationMs, this.#now());
    return this.#remember(await this.#write(read.value, spec, signal));
  }

  #read(signal: AbortSignal): Promise<KubernetesResult<Lease>> {
    const { api, namespace, name } = this.#options;
    return api.get<Lease>({ type: LEASES, namespace, name }, { signal });
  }

  /** The resourceVersion that was read goes with it: of two candidates one gets 409. */
  #write(lease: Lease, spec: LeaseSpec, signal?: AbortSignal): Promise<KubernetesResult<Lease>> {
    return this.#options.api.update<Lease>(
      LEASES,
      { ...lease, spec },
      signal === undefined ? {} : { signal },
    );
  }

  async #create(signal: AbortSignal): Promise<'held' | 'failed'> {
    const { api, identity, leaseDurationMs, name, namespace } = this.#options;
    const lease: Lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace },
      spec: heldBy(identity, undefined, leaseDurationMs, this.#now()),
    };
    return this.#remember(await api.create<Lease>(LEASES, lease, { signal }));
  }

  #remember(written: KubernetesResult<Lease>): 'held' | 'failed' {
    if (!written.ok) return 'failed';
    this.#observation = observe(this.#observation, written.value, this.#now());
    return 'held';
  }

  async #release(): Promise<void> {
    const { clock, identity, logger } = this.#options;
    const limit = new AbortController();
    const timer = clock.setTimer(DEFAULTS.retryPeriodMs, () => limit.abort());
    const read = await this.#read(limit.signal);
    if (read.ok && read.value.spec?.holderIdentity === identity) {
      const written = await this.#write(read.value, released(read.value.spec, this.#now()), limit.signal);
      if (!written.ok)
        logger.warn('The lease could not be released; it will expire.', { error: written.error });
    }
    timer.cancel();
  }

  #now(): number {
    return this.#options.clock.now();
  }
}
