/**
 * Key Vault secrets for many bindings at once.
 *
 * Guarantees: equal references are read once per call, and once for callers that ask for them as the same identity
 * at the same time; concurrency and pauses are the gate's, per vault; no value is kept after it was handed out.
 * Failure: each reference has its own result; one that fails does not stop the others.
 */
import type { Result } from '../domain/failure.ts';
import type { Identity } from '../domain/identity.ts';
import { referenceUri } from '../domain/references.ts';
import type { SecretReference, SecretValue } from '../domain/settings.ts';
import type { SecretReader } from '../ports/azure.ts';
import type { Clock } from '../ports/clock.ts';
import { Flights } from './flights.ts';
import type { Gate } from './gate.ts';

export interface VaultsOptions {
  readonly reader: SecretReader;
  readonly gate: Gate;
  readonly clock: Clock;
}

export class Vaults {
  readonly #reader: SecretReader;
  readonly #gate: Gate;
  readonly #flights: Flights<SecretValue>;

  constructor({ reader, gate, clock }: VaultsOptions) {
    this.#reader = reader;
    this.#gate = gate;
    this.#flights = new Flights(clock);
  }

  /** Reads `references` as `identity`; the result holds one entry per distinct `referenceUri`. */
  async read(
    references: readonly SecretReference[],
    identity: Identity,
    signal: AbortSignal,
  ): Promise<Map<string, Result<SecretValue>>> {
    const distinct = new Map(references.map((reference) => [referenceUri(reference), reference]));
    const reads = [...distinct].map(async ([key, reference]) => {
      const result = await this.#readOne(key, reference, identity, signal);
      return [key, result] as const;
    });
    return new Map(await Promise.all(reads));
  }

  #readOne(
    key: string,
    reference: SecretReference,
    identity: Identity,
    signal: AbortSignal,
  ): Promise<Result<SecretValue>> {
    return this.#flights.join(`${identity.key} ${key}`, signal, (inner) =>
      this.#gate.run(reference.vault, inner, () => this.#reader.readSecret(reference, identity, inner)),
    );
  }
}
