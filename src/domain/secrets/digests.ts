import { type HashKey, hmacHex } from '../keyed-hash.ts';

const VALUE_TAG = 'appconfig.dev/value/v1';

/**
 * Keyed digest of one secret value, 32 hex digits: equal only for the same key, reference (`referenceUri`),
 * version and value. It proves that what a Secret holds is what was read from the vault for that reference.
 */
export const valueDigest = (key: HashKey, reference: string, version: string, value: string): string =>
  hmacHex(key, VALUE_TAG, [reference, version, value]).slice(0, 32);
