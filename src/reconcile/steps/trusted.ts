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

/** What was read for one reference. */
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
  new Map(
    [...contents].filter(([, { content, record }]) => digestOf(hashKey, record, content) === record.digest),
  );

/**
 * Contents under digests of another key: nothing is proven, so all are read again, but those that cannot be read are
 * all there is. Losing the key must not empty a Secret.
 */
export function unprovenContents(
  { contents, keyId }: LastValues,
  hashKey: HashKey,
): ReadonlyMap<string, Trusted> {
  if (keyId === hashKey.id) return new Map();
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
