/**
 * The way to a host: bounded concurrency and rate, and one memory of its troubles for all who read from it.
 *
 * Guarantees: at most {@link GateOptions.concurrency} calls per host at once, in the order they came, and no faster
 * than its rate (`pace.ts`); while a host is held back (`trouble.ts`), callers are not kept waiting but get the
 * failure that holds it at once, with the remaining time as `retryAfterMs`; other hosts are not affected. A caller
 * that waits for its turn is cancelled at once by its signal. What is calm is forgotten.
 * Failure: what the call answers, or what holds the host.
 */
import PQueue from 'p-queue';
import { cancelled, type Failure, fail, type Result } from '../domain/failure.ts';
import type { HostGate } from '../ports/azure.ts';
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Random } from '../ports/random.ts';
import { DATA_HOST, type HostRules } from './host-rules.ts';
import { type Bucket, isFull, take } from './pace.ts';
import { Trouble } from './trouble.ts';

/** With answers in 20 ms that is 1,200 per second. */
const CONCURRENCY = 24;

export interface GateOptions {
  readonly clock: Clock;
  /** Jitter; without it pauses have three quarters of their full length. */
  readonly random?: Random;
  /** Calls to one host at the same time; default 24. */
  readonly concurrency?: number;
  /** Of the kind of host; default: stores and vaults, as fast as they answer. */
  readonly rules?: HostRules;
  /** Told for how long hosts asked to be left alone. */
  readonly metrics?: Metrics;
}

interface Host {
  readonly queue: PQueue;
  readonly trouble: Trouble;
  callers: number;
  bucket?: Bucket;
}

export class Gate implements HostGate {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #concurrency: number;
  readonly #rules: HostRules;
  readonly #metrics: Metrics | undefined;
  readonly #hosts = new Map<string, Host>();

  constructor(options: GateOptions) {
    this.#clock = options.clock;
    this.#random = options.random ?? { next: () => 0.5 };
    this.#concurrency = options.concurrency ?? CONCURRENCY;
    this.#rules = options.rules ?? DATA_HOST;
    this.#metrics = options.metrics;
  }

  /**
   * Runs `call` when it is its turn, or answers with what holds `host` back. `call` itself must obey `signal`.
   * `requests`: how many it will make.
   */
  async run<T>(
    host: string,
    signal: AbortSignal,
    call: () => Promise<Result<T>>,
    requests = 1,
  ): Promise<Result<T>> {
    const state = this.#host(host);
    state.callers += 1;
    try {
      return await this.#queued(state, signal, call, requests);
    } finally {
      state.callers -= 1;
      if (this.#isCalm(state)) this.#hosts.delete(host);
    }
  }

  /** Hosts with calls, troubles, or many requests a moment ago. */
  get size(): number {
    this.#forgetCalm();
    return this.#hosts.size;
  }

  #host(name: string): Host {
    const known = this.#hosts.get(name);
    if (known) return known;
    this.#forgetCalm();
    const queue = new PQueue({ concurrency: this.#concurrency });
    const trouble = new Trouble(this.#rules, this.#random, (addedMs) => this.#countPause(addedMs));
    const host = { queue, trouble, callers: 0 };
    this.#hosts.set(name, host);
    return host;
  }

  #countPause(addedMs: number): void {
    const { service } = this.#rules;
    if (service !== undefined)
      this.#metrics?.increment('azure_throttled_seconds_total', { service }, Math.max(0, addedMs) / 1000);
  }

  /** p-queue frees the slot of an aborted task while it still runs, so it is not given the signal. */
  #queued<T>(
    host: Host,
    signal: AbortSignal,
    call: () => Promise<Result<T>>,
    requests: number,
  ): Promise<Result<T>> {
    const refused = this.#refusal(host, signal);
    if (refused) return Promise.resolve(fail(refused));
    return new Promise((resolve, reject) => {
      const leave = () => resolve(fail(cancelled));
      signal.addEventListener('abort', leave, { once: true });
      const turn = async () => {
        signal.removeEventListener('abort', leave);
        resolve(await this.#turn(host, signal, call, requests));
      };
      host.queue.add(turn).catch(reject);
    });
  }

  async #turn<T>(
    host: Host,
    signal: AbortSignal,
    call: () => Promise<Result<T>>,
    requests: number,
  ): Promise<Result<T>> {
    const refused = this.#refusal(host, signal);
    if (refused) return fail(refused);
    const waitMs = this.#take(host, requests);
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
    const late = waitMs > 0 ? this.#refusal(host, signal) : undefined;
    return late ? fail(late) : host.trouble.judged(() => this.#clock.now(), call);
  }

  /** p-queue's own limit of rate runs on real timers, which a simulation cannot wait for. */
  #take(host: Host, requests: number): number {
    if (this.#rules.rate === undefined) return 0;
    const { bucket, waitMs } = take(host.bucket, this.#rules.rate, this.#clock.now(), requests);
    host.bucket = bucket;
    return waitMs;
  }

  #refusal({ trouble }: Host, signal: AbortSignal): Failure | undefined {
    return signal.aborted ? cancelled : trouble.refusal(this.#clock.now());
  }

  #forgetCalm(): void {
    for (const [name, host] of this.#hosts) if (this.#isCalm(host)) this.#hosts.delete(name);
  }

  #isCalm({ callers, trouble, bucket }: Host): boolean {
    const { rate } = this.#rules;
    const now = this.#clock.now();
    return callers === 0 && trouble.isOver(now) && (rate === undefined || isFull(bucket, rate, now));
  }
}
