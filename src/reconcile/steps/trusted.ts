import { valueDigest } from '../../domain/digests.ts';
import type { HashKey } from '../../domain/hash.ts';
import { keysOf, type ReferenceRecord, type ReferenceRecords } from '../../domain/references.ts';
import { contentText, type SecretContent } from '../../domain/secret-content.ts';

/** What the Secret holds now: values by key (decoded), and what each was read for. */
export interface LastValues {
  readonly values: ReadonlyMap<string, string>;
  readonly records: ReferenceRecords;
  /** Of the key that made the digests; '' where unknown. */
  readonly keyId: string;
}

/** What was read for one reference. */
export interface Trusted {
  readonly content: SecretContent;
  readonly record: ReferenceRecord;
}

/** By key of the reference: contents whose digest matches. Someone may have edited the Secret, and an edit is no value of a vault. */
export function trustedContents(last: LastValues, hashKey: HashKey): ReadonlyMap<string, Trusted> {
  return new Map(
    [...held(last)].filter(([, { content, record }]) => digestOf(hashKey, record, content) === record.digest),
  );
}

/**
 * Contents under digests of another key: nothing is proven, so all are read again, but those that cannot be read are
 * all there is. Losing the key must not empty a Secret.
 */
export function unprovenContents(last: LastValues, hashKey: HashKey): ReadonlyMap<string, Trusted> {
  if (last.keyId === hashKey.id) return new Map();
  return new Map(
    [...held(last)].map(([key, { content, record }]) => {
      const digest = digestOf(hashKey, record, content);
      return [key, { content, record: { ...record, digest } }] as const;
    }),
  );
}

/** All of the keys of a reference, or nothing. */
function held({ values, records }: LastValues): ReadonlyMap<string, Trusted> {
  const found = new Map<string, Trusted>();
  for (const [key, record] of records) {
    const content = new Map<string, string>();
    for (const one of keysOf(key, record)) {
      const value = values.get(one);
      if (value !== undefined) content.set(one, value);
    }
    if (content.size === keysOf(key, record).length) found.set(key, { content, record });
  }
  return found;
}

export const digestOf = (
  hashKey: HashKey,
  { reference, version, made }: Omit<ReferenceRecord, 'digest'>,
  content: SecretContent,
): string => valueDigest(hashKey, reference, version, contentText(made?.by, content));
