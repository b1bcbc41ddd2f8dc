/**
 * A keyed work queue in front of p-queue, which only limits how many runs go on at once (`places.ts`).
 *
 * Guarantees: adds of a waiting key collapse into one run; a key never has two runs at once; a key added while its run
 * goes on runs again; of two delays asked for by callers the earlier wins; nothing starts after `stop`, nor between
 * `pause` and `resume`; a run cut short by `pause` is repeated; a run that waits `aside` keeps none of the others from
 * starting.
 * Assumptions: a run that ignores its signal holds its key and its place until it returns.
 * Failure: a run that throws is told to `onBug` and retried with backoff.
 */
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Random } from '../ports/random.ts';
import { type Action, type Reconcile, retry } from './action.ts';
import { type BackoffPolicy, backoffDelay } from './backoff.ts';
import { idle, type KeyInput, type KeyState, stepKey } from './key-state.ts';
import { Places } from './places.ts';
import { Scheduler } from './scheduler.ts';

export interface WorkQueueOptions {
  readonly reconcile: Reconcile;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  /** Default: 500 ms doubling to 5 min, half of it random. */
  readonly backoff?: BackoffPolicy;
  /** A reconcile threw. Must not throw itself. */
  readonly onBug?: (key: string, error: unknown) => void;
}

const BACKOFF: BackoffPolicy = { initialMs: 500, maxMs: 300_000, jitter: 0.5 };

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #places: Places;
  readonly #states = new Map<string, KeyState>();
  readonly #failures = new Map<string, number>();
  readonly #active = new Map<string, AbortController>();
  /** Delays asked for by callers; they outlive runs. */
  readonly #requested: Scheduler;
  /** What the last run asked for; the next run, whenever it comes, replaces it. */
  readonly #planned: Scheduler;
  #idleWaiters: (() => void)[] = [];
  #depth = 0;
  #stopped = false;

  /** Starts paused: call `resume`. */
  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#places = new Places(options.concurrency, options.clock);
    this.#requested = new Scheduler(options.clock, (key) => this.add(key));
    this.#planned = new Scheduler(options.clock, (key) => this.add(key));
  }

  /** Keys that wait for a run, without those that wait for a time. */
  get depth(): number {
    return this.#depth;
  }

  /** Runs that go on now. */
  get active(): number {
    return this.#active.size;
  }

  add(key: string): void {
    if (!this.#stopped) this.#step(key, { kind: 'add', now: this.#options.clock.now() });
  }

  addAfter(key: string, ms: number): void {
    if (!this.#stopped) this.#requested.schedule(key, ms);
  }

  /** Adds after a delay that grows with each call until `forget` or a run that succeeds. */
  addRateLimited(key: string): void {
    this.addAfter(key, this.#nextBackoff(key));
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Waits for `work` on behalf of the run with `signal`, which does nothing else meanwhile. */
  aside<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
    return this.#places.aside(signal, work);
  }

  resume(): void {
    if (!this.#stopped) this.#places.resume();
  }

  /** Lets nothing start and aborts what runs; resolves when nothing runs. Keys stay queued for `resume`. */
  async pause(): Promise<void> {
    this.#places.pause();
    this.#abortActive();
    await this.#whenIdle();
  }

  /**
   * Lets active runs finish for `deadlineMs`, then aborts them and gives them `graceMs` to return.
   * @returns whether all runs ended.
   */
  async stop(deadlineMs: number, graceMs = 5_000): Promise<boolean> {
    this.#stopped = true;
    this.#requested.stop();
    this.#planned.stop();
    this.#places.close();
    if (await this.#idleWithin(deadlineMs)) return true;
    this.#abortActive();
    return this.#idleWithin(graceMs);
  }

  #step(key: string, input: KeyInput): void {
    const before = this.#states.get(key) ?? idle;
    const after = stepKey(before, input);
    if (after.kind === 'idle') this.#states.delete(key);
    else this.#states.set(key, after);
    this.#countDepth(before, after);
    if (after.kind === 'queued' && before.kind !== 'queued')
      this.#places.enter((controller) => this.#run(key, controller));
  }

  async #run(key: string, controller: AbortController): Promise<void> {
    this.#begin(key, controller);
    const action = await this.#reconcile(key, controller.signal);
    this.#active.delete(key);
    if (controller.signal.aborted) this.add(key);
    else this.#plan(key, action);
    this.#step(key, { kind: 'finish' });
    if (this.#active.size === 0) for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  #begin(key: string, controller: AbortController): void {
    const state = this.#states.get(key);
    const waited = state?.kind === 'queued' ? this.#options.clock.now() - state.since : 0;
    this.#options.metrics.observe('workqueue_latency_seconds', {}, Math.max(0, waited) / 1000);
    this.#step(key, { kind: 'start' });
    this.#planned.cancel(key);
    this.#active.set(key, controller);
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<Action> {
    try {
      // p-queue may call within `add`: the caller's code must not find itself inside a reconcile.
      await undefined;
      if (signal.aborted) return retry;
      return await this.#options.reconcile(key, signal);
    } catch (error) {
      if (!signal.aborted) this.#options.onBug?.(key, error);
      return retry;
    }
  }

  #plan(key: string, action: Action): void {
    if (action.kind === 'retry') {
      this.#planned.schedule(key, this.#nextBackoff(key));
      return;
    }
    this.forget(key);
    if (action.kind === 'requeueAfter') this.#planned.schedule(key, action.ms);
  }

  #nextBackoff(key: string): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    return backoffDelay(failures, this.#options.backoff ?? BACKOFF, this.#options.random);
  }

  #countDepth(before: KeyState, after: KeyState): void {
    const change = Number(waits(after)) - Number(waits(before));
    if (change === 0) return;
    this.#depth += change;
    this.#options.metrics.set('workqueue_depth', {}, this.#depth);
  }

  #abortActive(): void {
    for (const controller of this.#active.values()) controller.abort();
  }

  #whenIdle(): Promise<void> {
    if (this.#active.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  async #idleWithin(ms: number): Promise<boolean> {
    const waiting = new AbortController();
    await Promise.race([this.#whenIdle(), this.#options.clock.sleep(ms, waiting.signal)]);
    waiting.abort();
    return this.#active.size === 0;
  }
}

const waits = (state: KeyState): boolean => state.kind === 'queued' || state.kind === 'dirty';
