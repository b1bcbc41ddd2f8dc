import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { exportJWK, type JWK } from 'jose';

/** One RS256 signing key with the identifiers that Entra's token headers carry. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: JWK;
}

const generate = promisify(generateKeyPair);

/** A new 2048-bit key; takes some 100 ms of a thread of the pool. */
export async function newSigningKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generate('rsa', { modulusLength: 2048 });
  const jwk = { ...(await exportJWK(publicKey)), use: 'sig', kid, x5t: kid };
  return { kid, privateKey, publicKey, jwk };
}
