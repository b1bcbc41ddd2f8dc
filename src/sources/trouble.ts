/**
 * The troubles of one host, for all who read from it.
 *
 * Guarantees: a pause that the host asked for is kept to its end; one that became unreachable is left alone for a
 * time that doubles, and is then tried by one call at a time until it answers, so that a host that hangs never
 * occupies more than one caller again.
 * Failure: only what `HostRules.holding` names holds a host.
 */
import { type Failure, fail, type Result } from '../domain/failure.ts';
import type { Random } from '../ports/random.ts';
import type { HostRules } from './host-rules.ts';

/** The first pause after a host became unreachable; doubled with each further failure, up to the next. */
export const FIRST_PAUSE_MS = 1_000;
export const LONGEST_PAUSE_MS = 60_000;
/** How long a trouble is remembered after its pause; a host that is asked more rarely is new each time. */
export const TROUBLE_MS = 2 * 3_600_000;

type HoldingFailure = Extract<Failure, { kind: 'throttled' | 'unavailable' }>;

interface Hold {
  readonly failure: HoldingFailure;
  readonly from: number;
  readonly until: number;
}

export class Trouble {
  readonly #rules: HostRules;
  readonly #random: Random;
  readonly #onPause: (addedMs: number) => void;
  #hold: Hold | undefined;
  /** Unreachable this many times in a row, calls at the same time counted once. */
  #failures = 0;
  #pauses = 0;
  #probing = false;

  /** @param onPause hears of each pause that the host asked for, without what an earlier one covers already. */
  constructor(rules: HostRules, random: Random, onPause: (addedMs: number) => void = () => undefined) {
    this.#rules = rules;
    this.#random = random;
    this.#onPause = onPause;
  }

  /** Whether nothing is left to remember. */
  isOver(now: number): boolean {
    return this.#hold === undefined || now - this.#hold.until >= TROUBLE_MS;
  }

  /** What a call would be told now instead of being made. */
  refusal(now: number): HoldingFailure | undefined {
    if (this.#hold === undefined) return undefined;
    const { failure } = this.#hold;
    const remaining = remainingOf(this.#hold, now);
    if (remaining > 0) return { ...failure, retryAfterMs: remaining };
    return this.#probing ? { ...failure, retryAfterMs: FIRST_PAUSE_MS } : undefined;
  }

  /** Makes a call that was not refused, and learns from it. */
  async judged<T>(now: () => number, call: () => Promise<Result<T>>): Promise<Result<T>> {
    const pauses = this.#pauses;
    const isProbe = this.#failures > 0;
    if (isProbe) this.#probing = true;
    try {
      const result = await call();
      return this.#judge(result, pauses === this.#pauses, now());
    } finally {
      if (isProbe) this.#probing = false;
    }
  }

  /** @param isNews a call that began before the last pause says nothing new about the host. */
  #judge<T>(result: Result<T>, isNews: boolean, now: number): Result<T> {
    const failure = result.ok ? undefined : this.#holding(result.failure);
    if (failure?.kind === 'throttled') this.#pause(failure, failure.retryAfterMs, now);
    else if (!isNews) return failure ? this.#told(failure, now) : result;
    else if (failure) this.#unreachable(failure, now);
    else if (result.ok || this.#rules.answered.test(reasonOf(result.failure))) this.#recovered();
    return failure ? this.#told(failure, now) : result;
  }

  #holding(failure: Failure): HoldingFailure | undefined {
    const pauses = failure.kind === 'throttled' || failure.kind === 'unavailable';
    return pauses && this.#rules.holding.has(failure.reason) ? failure : undefined;
  }

  /** Tells the caller when it is worth trying again, so that it does not knock at a gate known to be closed. */
  #told(failure: HoldingFailure, now: number): Result<never> {
    const remaining = remainingOf(this.#hold, now);
    return fail(remaining > 0 ? { ...failure, retryAfterMs: remaining } : failure);
  }

  #unreachable(failure: HoldingFailure, now: number): void {
    const full = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures += 1;
    this.#pause(failure, failure.retryAfterMs ?? full * (0.5 + this.#random.next() / 2), now);
  }

  #pause(failure: HoldingFailure, pauseMs: number, now: number): void {
    // Not its end as it was noted: that may be of a clock that was set back since.
    const held = now + remainingOf(this.#hold, now);
    const until = Math.max(now + pauseMs, held);
    if (failure.kind === 'throttled') this.#onPause(until - held);
    this.#hold = { failure, from: now, until };
    this.#pauses += 1;
  }

  #recovered(): void {
    this.#failures = 0;
    this.#hold = undefined;
  }
}

/** Nothing remains when the clock was set back since: it would hold the host for as long as that. */
const remainingOf = (hold: Hold | undefined, now: number): number =>
  hold === undefined || now < hold.from ? 0 : hold.until - now;

const reasonOf = (failure: Failure): string => (failure.kind === 'cancelled' ? '' : failure.reason);
