import type { Refusal } from '../entra/verifier.ts';
import { LOGIN_HOST } from '../hosts.ts';
import type { Answer } from '../http/call.ts';
import { errorAnswer } from './errors.ts';
import type { Vault } from './vault.ts';

export const RESOURCE = 'https://vault.azure.net';

const MESSAGES: Readonly<Record<Refusal, string>> = {
  missing: 'AKV10000: Request is missing a Bearer or PoP token.',
  'not-bearer': 'AKV10000: Request is missing a Bearer or PoP token.',
  signature: 'AKV10001: Error validating token: signature validation failed.',
  expired: 'AKV10005: Error validating token: the lifetime of the token is not valid.',
  issuer: 'AKV10032: Invalid issuer. Expected the tenant of the vault.',
  audience: `AKV10022: Invalid audience. Expected ${RESOURCE}.`,
};

/** 401 with the challenge that tells a client tenant and resource (B.4). */
export function challenge(vault: Vault, refusal: Refusal): Answer {
  const answer = errorAnswer(401, 'Unauthorized', MESSAGES[refusal]);
  const authorization = `https://${LOGIN_HOST}/${vault.tenantId}`;
  const value = `Bearer authorization="${authorization}", resource="${RESOURCE}"`;
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': value }, code: refusal };
}
