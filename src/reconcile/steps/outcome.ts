import type { ReferenceEntry } from '../../domain/content/entry.ts';
import { isCertificate, type SecretContent, wayOf } from '../../domain/content/secret-content.ts';
import { blocked, type Failure } from '../../domain/failure.ts';
import type { HashKey } from '../../domain/keyed-hash.ts';
import { giversOf } from '../../domain/secrets/givers.ts';
import {
  type ReferenceRecord,
  type ReferenceRecords,
  referenceUri,
} from '../../domain/secrets/references.ts';
import type { SecretReference, SecretValue } from '../../domain/secrets/secret.ts';
import { digestOf, isProven, type LastValues, type Trusted } from './trusted.ts';

/** What became of the references of a binding. */
export interface Resolved {
  /** By key of the Secret. */
  readonly values: ReadonlyMap<string, string>;
  /** Of what the Secret holds, by key of the reference. */
  readonly records: ReferenceRecords;
  /** By key of the reference, after which their Secrets are named. */
  readonly certificates: ReadonlyMap<string, Trusted>;
  readonly failed: readonly FailedReference[];
  /** Failed keys that have no last value either. */
  readonly unresolved: ReadonlySet<string>;
  /** Failed keys whose last value the Secret may hold without telling: written now, it would lose them. */
  readonly untold: ReadonlySet<string>;
}

export interface FailedReference {
  readonly key: string;
  readonly reference?: SecretReference;
  readonly failure: Failure;
}

/** Collects it, one reference after the other. */
export class Outcome {
  readonly #held = new Map<string, Trusted>();
  readonly #certificates = new Map<string, Trusted>();
  readonly #failed: FailedReference[] = [];
  readonly #unresolved = new Set<string>();
  readonly #untold = new Set<string>();
  readonly #hashKey: HashKey;
  readonly #last: ReadonlyMap<string, Trusted>;
  readonly #mayHold: LastValues['mayHold'];

  /** `last`: what failed references may keep. */
  constructor(hashKey: HashKey, last: ReadonlyMap<string, Trusted>, mayHold: LastValues['mayHold']) {
    this.#hashKey = hashKey;
    this.#last = last;
    this.#mayHold = mayHold;
  }

  /** Takes over what the Secret holds. */
  reuse(key: string): void {
    const last = this.#last.get(key);
    if (last === undefined) throw new Error(`reference of key ${key} was neither read nor held`);
    this.#hold(key, last);
  }

  take(key: string, entry: ReferenceEntry, secret: SecretValue, content: SecretContent): void {
    const { version, expiresAt, notBefore } = secret;
    const updatedAt = entry.listed && (secret.updatedAt ?? entry.listed.updatedAt);
    const by = wayOf(entry);
    const record = {
      reference: referenceUri(entry.reference),
      version,
      ...(notBefore === undefined ? {} : { notBefore }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(by === undefined ? {} : { made: { by, keys: [...content.keys()].sort() } }),
      ...(updatedAt === undefined ? {} : { updatedAt }),
    };
    this.#hold(key, { content, record: { ...record, digest: digestOf(this.#hashKey, record, content) } });
  }

  fail(key: string, entry: ReferenceEntry, failure: Failure): void {
    const { reference } = entry;
    this.#failed.push({ key, reference, failure });
    const last = this.#last.get(key);
    if (last !== undefined && sameSecret(last.record.reference, reference)) this.#hold(key, last);
    else (this.#mayHold(key, entry) ? this.#untold : this.#unresolved).add(key);
  }

  /** What names no secret has no last value of it. */
  refuse(key: string, failure: Failure): void {
    this.#failed.push({ key, failure });
    this.#unresolved.add(key);
  }

  #hold(key: string, held: Trusted): void {
    (isCertificate(held.record) ? this.#certificates : this.#held).set(key, held);
  }

  /** Each key is given by one reference (`giversOf`), and each digest is of what its reference really gives. */
  resolved(): Resolved {
    const givers = giversOf(new Map([...this.#held].map(([key, { record }]) => [key, record])));
    const values = new Map<string, string>();
    const records = new Map<string, ReferenceRecord>();
    for (const [key, held] of this.#held) {
      const own = new Map([...held.content].filter(([name]) => givers.get(name) === key));
      for (const [name, value] of own) values.set(name, value);
      records.set(key, this.#recordOf(held, own));
    }
    const [certificates, failed] = [this.#certificates, this.#failed];
    return { values, records, certificates, failed, unresolved: this.#unresolved, untold: this.#untold };
  }

  /** What was not proven is not proven by this either. */
  #recordOf(held: Trusted, own: SecretContent): ReferenceRecord {
    const { content, record } = held;
    if (own.size === content.size || !isProven(held, this.#hashKey)) return record;
    return { ...record, digest: digestOf(this.#hashKey, record, own) };
  }
}

/** Records of everything that was resolved. */
export const allRecords = ({ records, certificates }: Resolved): ReferenceRecords =>
  new Map([...records, ...[...certificates].map(([key, { record }]) => [key, record] as const)]);

/** Another version of the same secret is still that secret's last value. */
const sameSecret = (uri: string, { vault, name }: SecretReference): boolean =>
  `${uri}/`.toLowerCase().startsWith(`${referenceUri({ vault, name })}/`.toLowerCase());

export const invalidReference = (problem: string): Failure =>
  blocked('InvalidReference', `no valid Key Vault reference: ${problem}; correct it in the store`);
