import type { Principal, Refusal, TokenVerifier } from '../entra/verifier.ts';
import { type Answer, type Call, header } from '../http/call.ts';
import type { RoleAssignments } from '../roles.ts';
import { empty, networkRefused, problemAnswer, tooManyRequests } from './problems.ts';
import type { Store } from './store.ts';

export interface AccessParts {
  readonly verifier: TokenVerifier;
  readonly roles: RoleAssignments;
}

/** Either the caller, or the answer that turns them away. */
export type Access = { readonly principal: Principal } | { readonly refused: Answer };

/**
 * Who may pass: quota, network rule, token, role, in this order (the service's order is not documented).
 * All refusals carry a Sync-Token: every answer below 500 does (A.3).
 */
export function admit(call: Call, store: Store, parts: AccessParts): Access | Promise<Access> {
  const sync = { 'sync-token': store.syncTokens.format(store.visible(0).sn) };
  const wait = store.spend();
  if (wait !== undefined) {
    return { refused: problemAnswer(tooManyRequests(), { ...sync, 'retry-after-ms': String(wait) }) };
  }
  if (store.network === 'denied') return { refused: problemAnswer(networkRefused(), sync) };
  const expected = { tenantId: store.tenantId, audiences: audiencesOf(store) };
  const verdict = parts.verifier.verify(header(call, 'authorization'), expected);
  const decide = (given: Awaited<typeof verdict>): Access =>
    'refusal' in given
      ? { refused: unauthorized(given.refusal, sync) }
      : authorise(given.principal, call, store, parts.roles, sync);
  return verdict instanceof Promise ? verdict.then(decide) : decide(verdict);
}

/** A valid token without a role is 403 with an empty body (A.13). */
function authorise(
  principal: Principal,
  call: Call,
  store: Store,
  roles: RoleAssignments,
  sync: Record<string, string>,
): Access {
  const action = call.method === 'GET' || call.method === 'HEAD' ? 'appconfig:read' : 'appconfig:write';
  if (roles.allows(principal.objectId, store.host, action)) return { principal };
  return { refused: { ...empty(403, sync), principal: principal.clientId, code: 'NoRole' } };
}

/** The audiences of the public cloud, and the store's own URL (A.13). */
function audiencesOf(store: Store): string[] {
  return ['https://azconfig.io', 'https://appconfig.azure.com', `https://${store.host}`];
}

/** 401 with an empty body; the reason stands only in the challenge (A.13). Access keys do not exist here. */
function unauthorized(refusal: Refusal, sync: Record<string, string>): Answer {
  const failed = 'error="invalid_token", error_description=';
  const challenges: Record<Refusal, string> = {
    missing: 'HMAC-SHA256, Bearer',
    'not-bearer': 'HMAC-SHA256 error="invalid_token" error_description="Invalid Credential", Bearer',
    issuer: `HMAC-SHA256, Bearer ${failed}"The access token is from the wrong issuer. It must match the tenant associated with the subscription to which the configuration store belongs."`,
    signature: `HMAC-SHA256, Bearer ${failed}"Authorization token failed validation"`,
    expired: `HMAC-SHA256, Bearer ${failed}"Authorization token failed validation"`,
    audience: `HMAC-SHA256, Bearer ${failed}"Authorization token failed validation"`,
  };
  return { ...empty(401, { ...sync, 'www-authenticate': challenges[refusal] }), code: refusal };
}
