import type { Refusal } from '../entra/verifier.ts';
import type { CloudNames } from '../hosts.ts';
import type { Answer } from '../http/call.ts';
import { errorAnswer } from './errors.ts';
import type { Vault } from './vault.ts';

const messages = ({ vaultAudience }: CloudNames): Readonly<Record<Refusal, string>> => ({
  missing: 'AKV10000: Request is missing a Bearer or PoP token.',
  'not-bearer': 'AKV10000: Request is missing a Bearer or PoP token.',
  signature: 'AKV10001: Error validating token: signature validation failed.',
  expired: 'AKV10005: Error validating token: the lifetime of the token is not valid.',
  issuer: 'AKV10032: Invalid issuer. Expected the tenant of the vault.',
  audience: `AKV10022: Invalid audience. Expected ${vaultAudience}.`,
});

/** 401 with the challenge that tells a client tenant and resource (B.4). */
export function challenge(vault: Vault, refusal: Refusal, names: CloudNames): Answer {
  const answer = errorAnswer(401, 'Unauthorized', messages(names)[refusal]);
  const authorization = `https://${names.login}/${vault.tenantId}`;
  const value = `Bearer authorization="${authorization}", resource="${names.vaultAudience}"`;
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': value }, code: refusal };
}
