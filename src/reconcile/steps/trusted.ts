import type { ReferenceEntry } from '../../domain/content/entry.ts';
import { contentText, type SecretContent } from '../../domain/content/secret-content.ts';
import type { HashKey } from '../../domain/keyed-hash.ts';
import { valueDigest } from '../../domain/secrets/digests.ts';
import { keysOf, type ReferenceRecord } from '../../domain/secrets/references.ts';

/** What the Secrets hold now. */
export interface LastValues {
  /** By key of the reference. */
  readonly contents: ReadonlyMap<string, Trusted>;
  /** Of the key that made the digests; '' where unknown. */
  readonly keyId: string;
  /** Whether the Secret may hold the last value of a reference without telling what its values were read for. */
  readonly mayHold: (key: string, entry: ReferenceEntry) => boolean;
}

/** What was read for one reference, or stands there for it. */
export interface Trusted {
  /** Without what another reference gives in its place. */
  readonly content: SecretContent;
  readonly record: ReferenceRecord;
}

/** Whether that is all that the secret became. */
export const isWhole = (key: string, { content, record }: Trusted): boolean =>
  content.size === keysOf(key, record).length;

/** Those whose digest matches: someone may have edited the Secret, and an edit is no value of a vault. */
export const trustedContents = ({ contents }: LastValues, hashKey: HashKey): ReadonlyMap<string, Trusted> =>
  new Map([...contents].filter(([, one]) => isProven(one, hashKey)));

export const isProven = ({ content, record }: Trusted, hashKey: HashKey): boolean =>
  digestOf(hashKey, record, content) === record.digest;

/**
 * What references that cannot be read keep: all there is, proven or not. Neither an edit nor the loss of the key is to
 * empty a Secret. A digest that proves nothing is kept, so that the value is read as soon as that can be done; where
 * all are digests of another key, they are made anew.
 */
export function lastContents(
  { contents, keyId }: LastValues,
  trusted: ReadonlyMap<string, Trusted>,
  hashKey: HashKey,
): ReadonlyMap<string, Trusted> {
  if (trusted.size > 0 || keyId === hashKey.id) return contents;
  return new Map(
    [...contents].map(([key, { content, record }]) => {
      const digest = digestOf(hashKey, record, content);
      return [key, { content, record: { ...record, digest } }] as const;
    }),
  );
}

export const digestOf = (
  hashKey: HashKey,
  { reference, version, made }: Omit<ReferenceRecord, 'digest'>,
  content: SecretContent,
): string => valueDigest(hashKey, reference, version, contentText(made?.by, content));
