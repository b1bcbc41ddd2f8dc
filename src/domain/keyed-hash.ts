import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { type Canonical, canonicalJson } from './canonical-json.ts';

/**
 * Keyed hashes. Everything that may cover secret content is an HMAC under a key that only the operator holds:
 * whoever may read an annotation cannot test guesses of a secret against it.
 *
 * Guarantees: different uses never give the same hash for the same content: each has its tag.
 */

/** A key of the operator. */
export interface HashKey {
  /** First 8 hex digits of the key's SHA-256: tells keys apart without telling anything of them. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

export const hashKey = (bytes: Uint8Array): HashKey => ({
  id: createHash('sha256').update(bytes).digest('hex').slice(0, 8),
  bytes,
});

/** Making one from bytes costs five times as much as the HMAC itself. */
const keyObjects = new WeakMap<HashKey, KeyObject>();

function keyObjectOf(key: HashKey): KeyObject {
  const known = keyObjects.get(key) ?? createSecretKey(key.bytes);
  keyObjects.set(key, known);
  return known;
}

/** HMAC-SHA-256 of `text`, 64 hex digits. */
export const hmacOf = (key: HashKey, text: string): string =>
  createHmac('sha256', keyObjectOf(key)).update(text).digest('hex');

/** HMAC-SHA-256 of `parts` in canonical form, 64 hex digits. `tag` separates the uses. */
export const hmacHex = (key: HashKey, tag: string, parts: Canonical): string =>
  hmacOf(key, canonicalJson([tag, parts]));
