/**
 * The way to a host: bounded concurrency, and one memory of its troubles for all who read from it.
 *
 * Guarantees: at most {@link GateOptions.concurrency} calls per host at once, in the order they came; while a host is held
 * back (it asked for a pause, or failed), callers are not kept waiting but get the failure that holds it at once,
 * with the remaining time as `retryAfterMs`; other hosts are not affected. A caller that waits for its turn is
 * cancelled at once by its signal.
 * Failure: only throttling and unreachability *of the host* hold it; a role, a secret or Entra concern one identity.
 */
import PQueue from 'p-queue';
import type { Reason } from '../api/reasons.ts';
import { cancelled, type Failure, fail, type Result } from '../domain/failure.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';

/** The first pause after a host became unreachable; doubled with each further failure, up to the next. */
export const FIRST_PAUSE_MS = 1_000;
export const LONGEST_PAUSE_MS = 60_000;
/** With answers in 20 ms that is 1,200 per second, and short bursts below a vault's 4,000 reads per 10 s. */
const CONCURRENCY = 24;

export interface GateOptions {
  readonly clock: Clock;
  /** Jitter; without it pauses have three quarters of their full length. */
  readonly random?: Random;
  /** Calls to one host at the same time; default 24. */
  readonly concurrency?: number;
}

interface Host {
  readonly queue: PQueue;
  callers: number;
  hold?: { readonly failure: HoldingFailure; readonly from: number; readonly until: number };
  /** Unreachable this many times in a row, calls at the same time counted once. */
  failures: number;
  judgedAt: number;
}

type HoldingFailure = Extract<Failure, { kind: 'throttled' | 'unavailable' }>;

const HOST_REASONS: ReadonlySet<Reason> = new Set<Reason>([
  'StoreThrottled',
  'StoreUnreachable',
  'StoreNotFound',
  'VaultThrottled',
  'VaultUnreachable',
]);

/** Reasons that only an answer of the host itself can have: it is alive. */
const ANSWERED = /^(Store|Vault|Secret)/;

export class Gate {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #concurrency: number;
  readonly #hosts = new Map<string, Host>();

  constructor({ clock, random = { next: () => 0.5 }, concurrency = CONCURRENCY }: GateOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#concurrency = concurrency;
  }

  /** Runs `call` when it is its turn, or answers with what holds `host` back. `call` itself must obey `signal`. */
  async run<T>(host: string, signal: AbortSignal, call: () => Promise<Result<T>>): Promise<Result<T>> {
    const state = this.#host(host);
    state.callers += 1;
    try {
      return await this.#queued(state, signal, () => this.#judged(state, call));
    } finally {
      state.callers -= 1;
      this.#forgetIfCalm(host, state);
    }
  }

  /** Hosts with calls or troubles. */
  get size(): number {
    return this.#hosts.size;
  }

  #host(name: string): Host {
    const known = this.#hosts.get(name);
    if (known) return known;
    const queue = new PQueue({ concurrency: this.#concurrency });
    const host = { queue, callers: 0, failures: 0, judgedAt: -Infinity };
    this.#hosts.set(name, host);
    return host;
  }

  /** p-queue frees the slot of an aborted task while it still runs, so it is not given the signal. */
  #queued<T>(host: Host, signal: AbortSignal, call: () => Promise<Result<T>>): Promise<Result<T>> {
    const refused = this.#refusal(host, signal);
    if (refused) return Promise.resolve(fail(refused));
    return new Promise((resolve, reject) => {
      const leave = () => resolve(fail(cancelled));
      signal.addEventListener('abort', leave, { once: true });
      const turn = async () => {
        signal.removeEventListener('abort', leave);
        const late = this.#refusal(host, signal);
        resolve(late ? fail(late) : await call());
      };
      host.queue.add(turn).catch(reject);
    });
  }

  #refusal(host: Host, signal: AbortSignal): Failure | undefined {
    if (signal.aborted) return cancelled;
    const { hold } = host;
    const remaining = remainingOf(hold, this.#clock.now());
    return hold === undefined || remaining <= 0 ? undefined : { ...hold.failure, retryAfterMs: remaining };
  }

  async #judged<T>(host: Host, call: () => Promise<Result<T>>): Promise<Result<T>> {
    const startedAt = this.#clock.now();
    const result = await call();
    const failure = result.ok ? undefined : holding(result.failure);
    // A call that began before the last verdict says nothing new about the host.
    if (failure?.kind === 'throttled') this.#hold(host, failure, failure.retryAfterMs);
    else if (startedAt < host.judgedAt) return failure ? this.#paused(host, failure) : result;
    else if (failure) this.#unreachable(host, failure);
    else if (result.ok || ANSWERED.test(reasonOf(result.failure))) this.#recovered(host);
    return failure ? this.#paused(host, failure) : result;
  }

  /** Tells the caller when it is worth trying again, so that it does not knock at a gate known to be closed. */
  #paused<T>(host: Host, failure: HoldingFailure): Result<T> {
    const remaining = remainingOf(host.hold, this.#clock.now());
    return fail(remaining > 0 ? { ...failure, retryAfterMs: remaining } : failure);
  }

  #unreachable(host: Host, failure: HoldingFailure): void {
    const full = Math.min(FIRST_PAUSE_MS * 2 ** host.failures, LONGEST_PAUSE_MS);
    host.failures += 1;
    this.#hold(host, failure, failure.retryAfterMs ?? full * (0.5 + this.#random.next() / 2));
  }

  #hold(host: Host, failure: HoldingFailure, pauseMs: number): void {
    const now = this.#clock.now();
    const until = Math.max(now + pauseMs, host.hold?.until ?? 0);
    host.hold = { failure, from: now, until };
    // Calls that began in this very millisecond are part of the same trouble.
    host.judgedAt = now + 1;
  }

  #recovered(host: Host): void {
    host.failures = 0;
    delete host.hold;
  }

  #forgetIfCalm(name: string, host: Host): void {
    const calm = host.callers === 0 && host.hold === undefined && host.failures === 0;
    if (calm) this.#hosts.delete(name);
  }
}

/** Nothing remains when the clock was set back since: it would hold the host for as long as that. */
const remainingOf = (hold: Host['hold'], now: number): number =>
  hold === undefined || now < hold.from ? 0 : hold.until - now;

const reasonOf = (failure: Failure): string => (failure.kind === 'cancelled' ? '' : failure.reason);

const holding = (failure: Failure): HoldingFailure | undefined =>
  (failure.kind === 'throttled' || failure.kind === 'unavailable') && HOST_REASONS.has(failure.reason)
    ? failure
    : undefined;
