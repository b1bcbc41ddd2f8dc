import type { Clock } from '../clock.ts';
import type { Refusal, TokenVerifier, Verdict } from '../entra/verifier.ts';
import type { CloudNames } from '../hosts.ts';
import { type Answer, type Call, header } from '../http/call.ts';
import type { RoleAssignments } from '../roles.ts';
import type { Endpoint } from './endpoint.ts';
import { HMAC_SCHEME, verifySignature } from './hmac.ts';
import { empty, networkRefused, problemAnswer, tooManyRequests } from './problems.ts';

export interface AccessParts {
  readonly names: CloudNames;
  readonly clock: Clock;
  readonly verifier: TokenVerifier;
  readonly roles: RoleAssignments;
}

/** Either the caller (a client id, or the id of an access key), or the answer that turns them away. */
export type Access = { readonly principal: string } | { readonly refused: Answer };

/**
 * Who may pass: quota, network rule, token or signature, role, in this order (the service's order is not documented).
 * All refusals carry a Sync-Token: every answer below 500 does (A.3).
 */
export function admit(call: Call, endpoint: Endpoint, parts: AccessParts): Access | Promise<Access> {
  const wait = endpoint.quota.spend();
  if (wait !== undefined) {
    return {
      refused: problemAnswer(tooManyRequests(), { ...endpoint.sync(), 'retry-after-ms': String(wait) }),
    };
  }
  if (endpoint.network === 'denied') return { refused: problemAnswer(networkRefused(), endpoint.sync()) };
  const authorization = header(call, 'authorization');
  if (authorization !== undefined && HMAC_SCHEME.test(authorization))
    return admitKey(call, endpoint, parts.clock.now());
  const expected = { tenantId: endpoint.store.tenantId, audiences: audiencesOf(endpoint, parts.names) };
  const verdict = parts.verifier.verify(authorization, expected);
  const decide = (given: Verdict): Access => admitBearer(given, call, endpoint, parts.roles);
  return verdict instanceof Promise ? verdict.then(decide) : decide(verdict);
}

/** An access key may do everything with its store, a read-only one may read (A.13). */
function admitKey(call: Call, endpoint: Endpoint, now: number): Access {
  const { keys } = endpoint.store;
  if (keys.disabled)
    return challenged(endpoint, hmac('forbidden', 'Authentication scheme disabled'), 'forbidden');
  const signed = verifySignature(call, keys, now);
  if ('error' in signed) return challenged(endpoint, hmac('invalid_token', signed.error), 'hmac');
  const { id, readOnly } = signed.key;
  if (!readOnly || reads(call)) return { principal: id };
  return { refused: { ...empty(403, endpoint.sync()), principal: id, code: 'ReadOnlyKey' } };
}

/** A valid token without a role is 403 with an empty body (A.13). */
function admitBearer(given: Verdict, call: Call, endpoint: Endpoint, roles: RoleAssignments): Access {
  if ('refusal' in given) return challenged(endpoint, CHALLENGES[given.refusal], given.refusal);
  const action = reads(call) ? 'appconfig:read' : 'appconfig:write';
  const { clientId, objectId } = given.principal;
  if (roles.allows(objectId, endpoint.store.host, action)) return { principal: clientId };
  return { refused: { ...empty(403, endpoint.sync()), principal: clientId, code: 'NoRole' } };
}

function reads({ method }: Call): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** The audiences of the cloud, and the store's own URL (A.13); a replica's own URL is our choice. */
function audiencesOf({ host, store }: Endpoint, { storeAudiences }: CloudNames): string[] {
  return [...storeAudiences, `https://${store.host}`, `https://${host}`];
}

/** 401 with an empty body; the reason stands only in the challenge (A.13). */
function challenged(endpoint: Endpoint, challenge: string, code: string): Access {
  return { refused: { ...empty(401, { ...endpoint.sync(), 'www-authenticate': challenge }), code } };
}

function hmac(error: 'invalid_token' | 'forbidden', description: string): string {
  return `HMAC-SHA256 error="${error}" error_description="${description}", Bearer`;
}

function bearer(description: string): string {
  return `HMAC-SHA256, Bearer error="invalid_token", error_description="${description}"`;
}

const CHALLENGES: Readonly<Record<Refusal, string>> = {
  missing: 'HMAC-SHA256, Bearer',
  'not-bearer': hmac('invalid_token', 'Invalid Credential'),
  issuer: bearer(
    'The access token is from the wrong issuer. It must match the tenant associated with the subscription to which the configuration store belongs.',
  ),
  signature: bearer('Authorization token failed validation'),
  expired: bearer('Authorization token failed validation'),
  audience: bearer('Authorization token failed validation'),
};
