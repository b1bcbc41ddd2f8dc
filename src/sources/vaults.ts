/**
 * Key Vault secrets for many bindings at once.
 *
 * Guarantees: the reads of one vault as one identity form a burst (`burst.ts`): within its few seconds each secret is
 * read once, whoever asks, and afterwards nothing is kept; identities share nothing; a caller gets no answer to a
 * request that began before the time it names, and is told the id of that request, whoever made it; concurrency and
 * pauses are the gate's, per vault.
 * Failure: each reference has its own result; one that fails does not stop the others.
 */
import { ok } from '../domain/failure.ts';
import type { TokenIdentity } from '../domain/identity.ts';
import { referenceUri } from '../domain/references.ts';
import type { SecretReference } from '../domain/settings.ts';
import type { SecretAnswer, SecretReader } from '../ports/azure.ts';
import type { Clock } from '../ports/clock.ts';
import { type Begin, Burst, isShareable, Room } from './burst.ts';
import { Flights } from './flights.ts';
import type { Gate } from './gate.ts';

/** Held in all bursts together; a value has 25,000 characters at most, a usual one a hundred. */
const ROOM_CHARACTERS = 8 * 1024 * 1024;

export interface VaultsOptions {
  readonly reader: SecretReader;
  readonly gate: Gate;
  readonly clock: Clock;
  /** How many characters may be held for sharing; default 8 Mi. */
  readonly room?: number;
}

export interface ReadSecretsOptions {
  readonly signal: AbortSignal;
  /**
   * Answers to requests that began before this (milliseconds since the epoch) will not do; Infinity: only those to
   * requests that begin after this call. Default: any that a burst still has.
   */
  readonly oldest?: number;
  /** Sent with the requests that this call makes. */
  readonly requestId?: string;
}

/** One read: what, as whom, in which burst. */
interface Wish {
  readonly uri: string;
  readonly reference: SecretReference;
  readonly identity: TokenIdentity;
  readonly burst: string;
}

export class Vaults {
  readonly #reader: SecretReader;
  readonly #gate: Gate;
  readonly #clock: Clock;
  readonly #room: Room;
  readonly #flights: Flights<SecretAnswer>;
  readonly #bursts = new Map<string, Burst>();
  /** Of the last request that began. */
  #order = 0;

  constructor({ reader, gate, clock, room = ROOM_CHARACTERS }: VaultsOptions) {
    this.#reader = reader;
    this.#gate = gate;
    this.#clock = clock;
    this.#room = new Room(room);
    this.#flights = new Flights(clock);
  }

  /** Reads `references` as `identity`; the result holds one entry per distinct `referenceUri`. */
  async read(
    references: readonly SecretReference[],
    identity: TokenIdentity,
    options: ReadSecretsOptions,
  ): Promise<Map<string, SecretAnswer>> {
    const distinct = new Map(references.map((reference) => [referenceUri(reference), reference]));
    const reads = [...distinct].map(async ([uri, reference]) => {
      const burst = `${reference.vault} ${identity.key}`;
      return [uri, await this.#readOne({ uri, reference, identity, burst }, options)] as const;
    });
    return new Map(await Promise.all(reads));
  }

  /** Bursts that are open. */
  get size(): number {
    return this.#bursts.size;
  }

  async #readOne(
    wish: Wish,
    { signal, oldest = -Infinity, requestId }: ReadSecretsOptions,
  ): Promise<SecretAnswer> {
    const kept = this.#bursts.get(wish.burst)?.find(wish.uri, oldest);
    if (kept !== undefined && !signal.aborted) return kept;
    const read = await this.#flights.joinQueued(
      `${wish.burst} ${wish.uri}`,
      signal,
      async (inner, begin) => ok(await this.#request(wish, requestId, inner, begin)),
      oldest,
    );
    return read.ok ? read.value : { result: read };
  }

  /** The id is that of the first caller: the others have joined its request. */
  async #request(
    wish: Wish,
    requestId: string | undefined,
    signal: AbortSignal,
    begin: () => void,
  ): Promise<SecretAnswer> {
    let asked: SecretAnswer | undefined;
    const result = await this.#gate.run(wish.reference.vault, signal, async () => {
      begin();
      asked = await this.#ask(wish, requestId, signal);
      return asked.result;
    });
    // The gate may refuse, and then nothing was asked.
    return asked ?? { result };
  }

  /** Its turn has come: from here on the vault may answer at any moment. */
  async #ask(wish: Wish, requestId: string | undefined, signal: AbortSignal): Promise<SecretAnswer> {
    this.#order += 1;
    const begin = { at: this.#clock.now(), order: this.#order };
    const id = requestId === undefined ? {} : { requestId };
    const result = await this.#reader.readSecret({ ...wish.reference, ...id }, wish.identity, signal);
    const answer = { result, ...id };
    this.#keep(wish, answer, begin);
    return answer;
  }

  #keep({ burst: key, uri }: Wish, answer: SecretAnswer, begin: Begin): void {
    const opens = isShareable(answer.result, begin, this.#clock.now());
    const burst = this.#bursts.get(key) ?? (opens ? this.#open(key, begin) : undefined);
    burst?.keep(uri, answer, begin);
  }

  #open(key: string, begin: Begin): Burst {
    const shared = { clock: this.#clock, room: this.#room };
    const burst = new Burst(begin, shared, () => this.#bursts.delete(key));
    this.#bursts.set(key, burst);
    return burst;
  }
}
