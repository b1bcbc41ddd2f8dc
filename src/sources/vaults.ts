/**
 * Key Vault for many bindings at once: secrets, and the lists of vaults.
 *
 * Guarantees: what is read of one vault as one identity is shared for a few seconds (`shared-answers.ts`), and then kept
 * nowhere; identities share nothing; concurrency and pauses are the gate's, per vault.
 * Failure: each reference has its own result; one that fails does not stop the others. A list is whole, or fails.
 */
import type { TokenIdentity } from '../domain/identity/identity.ts';
import { referenceUri } from '../domain/secrets/references.ts';
import type { ListedSecret, SecretReference, SecretValue } from '../domain/secrets/secret.ts';
import type { ListAnswer, SecretAnswer, SecretReader } from '../ports/azure.ts';
import type { Clock } from '../ports/clock.ts';
import { Room } from './burst.ts';
import type { Gate } from './gate.ts';
import { type AskOptions, SharedAnswers } from './shared-answers.ts';

/** Held in all bursts together; a value has 25,000 characters at most, a usual one a hundred. */
const ROOM_CHARACTERS = 8 * 1024 * 1024;

export interface VaultsOptions {
  readonly reader: SecretReader;
  readonly gate: Gate;
  readonly clock: Clock;
  /** How many characters may be held for sharing; default 8 Mi. */
  readonly room?: number;
}

export class Vaults {
  readonly #reader: SecretReader;
  readonly #secrets: SharedAnswers<SecretValue>;
  readonly #lists: SharedAnswers<readonly ListedSecret[]>;

  constructor({ reader, gate, clock, room = ROOM_CHARACTERS }: VaultsOptions) {
    this.#reader = reader;
    const shared = { clock, room: new Room(room) };
    this.#secrets = new SharedAnswers(gate, { ...shared, sizeOf: ({ value }) => value.length });
    this.#lists = new SharedAnswers(gate, { ...shared, sizeOf: sizeOfList });
  }

  /** Reads `references` as `identity`; the result holds one entry per distinct `referenceUri`. */
  async read(
    references: readonly SecretReference[],
    identity: TokenIdentity,
    options: AskOptions,
  ): Promise<Map<string, SecretAnswer>> {
    const distinct = new Map(references.map((reference) => [referenceUri(reference), reference]));
    const reads = [...distinct].map(
      async ([uri, reference]) => [uri, await this.#readOne(uri, reference, identity, options)] as const,
    );
    return new Map(await Promise.all(reads));
  }

  /** All secrets of `vault`, as `identity` may list them. */
  list(vault: string, identity: TokenIdentity, options: AskOptions): Promise<ListAnswer> {
    const question = {
      host: vault,
      burst: `${vault} ${identity.key}`,
      key: 'list',
      ask: (id: { readonly requestId?: string }, signal: AbortSignal) =>
        this.#reader.listSecrets({ vault, ...id }, identity, signal),
    };
    return this.#lists.get(question, options);
  }

  /** Bursts that are open. */
  get size(): number {
    return this.#secrets.size + this.#lists.size;
  }

  #readOne(
    uri: string,
    reference: SecretReference,
    identity: TokenIdentity,
    options: AskOptions,
  ): Promise<SecretAnswer> {
    const question = {
      host: reference.vault,
      burst: `${reference.vault} ${identity.key}`,
      key: uri,
      ask: (id: { readonly requestId?: string }, signal: AbortSignal) =>
        this.#reader.readSecret({ ...reference, ...id }, identity, signal),
    };
    return this.#secrets.get(question, options);
  }
}

/** Of one secret besides its name and its tags, about. */
const OVERHEAD = 200;

const sizeOfList = (list: readonly ListedSecret[]): number =>
  list.reduce((size, { name, tags }) => size + OVERHEAD + name.length + JSON.stringify(tags).length, 0);
