import { valueDigest } from '../../domain/digests.ts';
import { blocked, type Failure, type Result } from '../../domain/failure.ts';
import type { HashKey } from '../../domain/hash.ts';
import type { Entry } from '../../domain/merge.ts';
import { type ReferenceRecord, type ReferenceRecords, referenceUri } from '../../domain/references.ts';
import type { SecretReference, SecretValue } from '../../domain/settings.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import type { Readers } from './identify.ts';
import { readSecrets } from './read-secrets.ts';

/**
 * Every Key Vault reference becomes a value, or a failure that stops no other reference.
 *
 * Guarantees: a value is taken over from the target Secret only if its keyed digest proves that it is what was
 * read for this very reference; a failed reference keeps its last value only for the same vault and secret name.
 * Failure: `unresolved` keys never had a value; nothing is created for the first time while there are any.
 */
export interface Resolved {
  readonly values: ReadonlyMap<string, string>;
  readonly records: ReferenceRecords;
  readonly failed: readonly FailedReference[];
  /** Failed keys that have no last value either. */
  readonly unresolved: ReadonlySet<string>;
}

export interface FailedReference {
  readonly key: string;
  readonly reference?: SecretReference;
  readonly failure: Failure;
}

/** What the Secret holds now: values by key (decoded), and what each was read for. */
export interface LastValues {
  readonly values: ReadonlyMap<string, string>;
  readonly records: ReferenceRecords;
  /** Of the key that made the digests; '' where unknown. */
  readonly keyId: string;
}

interface Request {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly last: LastValues;
  /** Unpinned references are due: their values may not be taken over. */
  readonly due: boolean;
  /** Nor those of these keys, whose last read failed. */
  readonly retry: ReadonlySet<string>;
}

export async function resolve(
  pass: PlannedPass,
  readers: Readers,
  request: Request,
  deps: Pick<Dependencies, 'secretsSource' | 'hashKey' | 'clock'>,
): Promise<Resolved> {
  const { hashKey } = deps;
  const trusted = trustedValues(request.last, hashKey);
  const references = [...request.entries].flatMap(([key, entry]) =>
    entry.kind === 'reference' ? [{ key, reference: entry.reference }] : [],
  );
  const toRead = new Map(
    references
      .filter(
        ({ key, reference }) =>
          request.retry.has(key) ||
          !readers.vault(reference.vault).ok ||
          !reusable(trusted.get(key), reference, request.due),
      )
      .map(({ key, reference }) => [key, reference]),
  );
  const answers = await readSecrets(pass, [...toRead.values()], readers, deps);
  const outcome = new Outcome(hashKey, trusted.size > 0 ? trusted : unproven(request.last, hashKey));
  for (const [key, entry] of request.entries) {
    if (entry.kind === 'invalid-reference') outcome.fail(key, undefined, invalidReference(entry.problem));
  }
  for (const { key, reference } of references) {
    const answer = toRead.has(key) ? answers.get(referenceUri(reference)) : undefined;
    if (answer === undefined) outcome.reuse(key);
    else outcome.take(key, reference, answer);
  }
  return outcome;
}

interface Trusted {
  readonly value: string;
  readonly record: ReferenceRecord;
}

/** Values whose digest matches: someone may have edited the Secret, and an edit is no value of a vault. */
function trustedValues({ values, records }: LastValues, hashKey: HashKey): ReadonlyMap<string, Trusted> {
  const trusted = new Map<string, Trusted>();
  for (const [key, record] of records) {
    const value = values.get(key);
    if (value === undefined) continue;
    if (valueDigest(hashKey, record.reference, record.version, value) === record.digest) {
      trusted.set(key, { value, record });
    }
  }
  return trusted;
}

/**
 * Values under digests of another key: nothing is proven, so all are read again, but those that cannot be read are
 * all there is. Losing the key must not empty a Secret.
 */
function unproven({ values, records, keyId }: LastValues, hashKey: HashKey): ReadonlyMap<string, Trusted> {
  if (keyId === hashKey.id) return new Map();
  const held = new Map<string, Trusted>();
  for (const [key, record] of records) {
    const value = values.get(key);
    if (value === undefined) continue;
    const digest = valueDigest(hashKey, record.reference, record.version, value);
    held.set(key, { value, record: { ...record, digest } });
  }
  return held;
}

/** The same reference; a pinned version never changes, the newest one until it is due. */
function reusable(last: Trusted | undefined, reference: SecretReference, due: boolean): boolean {
  if (last?.record.reference !== referenceUri(reference)) return false;
  return reference.version !== undefined || !due;
}

class Outcome implements Resolved {
  readonly values = new Map<string, string>();
  readonly records = new Map<string, ReferenceRecord>();
  readonly failed: FailedReference[] = [];
  readonly unresolved = new Set<string>();
  readonly #hashKey: HashKey;
  readonly #last: ReadonlyMap<string, Trusted>;

  constructor(hashKey: HashKey, last: ReadonlyMap<string, Trusted>) {
    this.#hashKey = hashKey;
    this.#last = last;
  }

  /** Takes over what the Secret holds. */
  reuse(key: string): void {
    const last = this.#last.get(key);
    if (last === undefined) throw new Error(`reference of key ${key} was neither read nor held`);
    this.values.set(key, last.value);
    this.records.set(key, last.record);
  }

  take(key: string, reference: SecretReference, answer: Result<SecretValue>): void {
    if (!answer.ok) {
      this.fail(key, reference, answer.failure);
      return;
    }
    const { value, version, expiresAt, notBefore } = answer.value;
    const uri = referenceUri(reference);
    this.values.set(key, value);
    this.records.set(key, {
      reference: uri,
      version,
      digest: valueDigest(this.#hashKey, uri, version, value),
      ...(notBefore === undefined ? {} : { notBefore }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
  }

  fail(key: string, reference: SecretReference | undefined, failure: Failure): void {
    this.failed.push({ key, ...(reference === undefined ? {} : { reference }), failure });
    const last = this.#last.get(key);
    if (last !== undefined && reference !== undefined && sameSecret(last.record.reference, reference)) {
      this.reuse(key);
    } else {
      this.unresolved.add(key);
    }
  }
}

/** Another version of the same secret is still that secret's last value. */
const sameSecret = (uri: string, { vault, name }: SecretReference): boolean =>
  `${uri}/`.toLowerCase().startsWith(`${referenceUri({ vault, name })}/`.toLowerCase());

const invalidReference = (problem: string): Failure =>
  blocked('InvalidReference', `no valid Key Vault reference: ${problem}; correct it in the store`);
