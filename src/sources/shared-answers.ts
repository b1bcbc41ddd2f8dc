/**
 * Answers of hosts that several bindings want at the same time, as the same identity.
 *
 * Guarantees: questions with the same burst form one (`burst.ts`): within its few seconds each is asked once, whoever
 * asks, and afterwards nothing is kept; a caller gets no answer to a request that began before the time it names, and
 * is told the id and the beginning of that request, whoever made it; concurrency and pauses are the gate's, per host.
 */
import { ok, type Result } from '../domain/failure.ts';
import type { VaultAnswer } from '../ports/azure.ts';
import { type Begin, Burst, type BurstNeeds, isShareable } from './burst.ts';
import { Flights } from './flights.ts';
import type { Gate } from './gate.ts';

export interface AskOptions {
  readonly signal: AbortSignal;
  /**
   * Answers to requests that began before this (milliseconds since the epoch) will not do; Infinity: only those to
   * requests that begin after this call. Default: any that a burst still has.
   */
  readonly oldest?: number;
  /** Sent with the requests that this call makes. */
  readonly requestId?: string;
}

/** One question. */
export interface Question<T> {
  readonly host: string;
  /** Equal for questions whose answers belong together and may be shared: the host, as whom. */
  readonly burst: string;
  /** Equal for equal questions of a burst. */
  readonly key: string;
  /** Asks the host, once its turn has come. */
  readonly ask: (id: { readonly requestId?: string }, signal: AbortSignal) => Promise<Result<T>>;
}

export class SharedAnswers<T> {
  readonly #gate: Gate;
  readonly #needs: BurstNeeds<T>;
  readonly #flights: Flights<VaultAnswer<T>>;
  readonly #bursts = new Map<string, Burst<T>>();
  /** Of the last request that began. */
  #order = 0;

  constructor(gate: Gate, needs: BurstNeeds<T>) {
    this.#gate = gate;
    this.#needs = needs;
    this.#flights = new Flights(needs.clock);
  }

  /** Bursts that are open. */
  get size(): number {
    return this.#bursts.size;
  }

  async get(
    question: Question<T>,
    { signal, oldest = -Infinity, requestId }: AskOptions,
  ): Promise<VaultAnswer<T>> {
    const kept = this.#bursts.get(question.burst)?.find(question.key, oldest);
    if (kept !== undefined && !signal.aborted) return kept;
    const read = await this.#flights.joinQueued(
      `${question.burst} ${question.key}`,
      signal,
      async (inner, begin) => ok(await this.#request(question, requestId, inner, begin)),
      oldest,
    );
    return read.ok ? read.value : { result: read };
  }

  /** The id is that of the first caller: the others have joined its request. */
  async #request(
    question: Question<T>,
    requestId: string | undefined,
    signal: AbortSignal,
    begin: () => void,
  ): Promise<VaultAnswer<T>> {
    let asked: VaultAnswer<T> | undefined;
    const result = await this.#gate.run(question.host, signal, async () => {
      begin();
      asked = await this.#ask(question, requestId, signal);
      return asked.result;
    });
    // The gate may refuse, and then nothing was asked.
    return asked ?? { result };
  }

  /** Its turn has come: from here on the host may answer at any moment. */
  async #ask(
    question: Question<T>,
    requestId: string | undefined,
    signal: AbortSignal,
  ): Promise<VaultAnswer<T>> {
    this.#order += 1;
    const begin = { at: this.#needs.clock.now(), order: this.#order };
    const id = requestId === undefined ? {} : { requestId };
    const answer = { result: await question.ask(id, signal), ...id, askedAt: begin.at };
    this.#keep(question, answer, begin);
    return answer;
  }

  #keep({ burst: key, key: wanted }: Question<T>, answer: VaultAnswer<T>, begin: Begin): void {
    const opens = isShareable(answer.result, begin, this.#needs.clock.now());
    const burst = this.#bursts.get(key) ?? (opens ? this.#open(key, begin) : undefined);
    burst?.keep(wanted, answer, begin);
  }

  #open(key: string, begin: Begin): Burst<T> {
    const burst = new Burst(begin, this.#needs, () => this.#bursts.delete(key));
    this.#bursts.set(key, burst);
    return burst;
  }
}
