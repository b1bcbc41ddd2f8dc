import type { Clock } from '../../../src/ports/clock.ts';
import type { KubernetesResult, ServiceAccountToken } from '../../../src/ports/kubernetes.ts';
import type { Database } from './database.ts';
import { fail, invalid, notFound, ok } from './errors.ts';
import { SERVICE_ACCOUNTS } from './kinds.ts';

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token in the shape of a JWT, with the claims of a real one and a signature of nothing. */
export function mintToken(
  { clock, database }: { readonly clock: Clock; readonly database: Database },
  { name, namespace }: { readonly namespace: string; readonly name: string },
  audience: string,
  expirationSeconds: number,
): KubernetesResult<ServiceAccountToken> {
  const account = database.get({ type: SERVICE_ACCOUNTS, namespace, name });
  if (account === undefined) return fail(notFound());
  if (expirationSeconds < 600) {
    return fail(invalid({ reason: 'FieldValueInvalid', field: 'spec.expirationSeconds' }));
  }
  const issuedAt = Math.floor(clock.now() / 1000);
  const claims = {
    iss: 'https://memory.cluster',
    sub: `system:serviceaccount:${namespace}:${name}`,
    aud: [audience],
    iat: issuedAt,
    exp: issuedAt + expirationSeconds,
    'kubernetes.io': { namespace, serviceaccount: { name, uid: account.metadata.uid } },
  };
  const token = `${base64({ alg: 'none', typ: 'JWT' })}.${base64(claims)}.fake`;
  return ok({ token, expiresAt: claims.exp * 1000 });
}
