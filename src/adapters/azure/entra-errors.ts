/**
 * Entra's refusals as failures that say who, what and how to repair. Keyed on the AADSTS number: texts and HTTP
 * statuses of the same error have changed over the years (learn.microsoft.com/entra/identity-platform/reference-error-codes).
 * Nothing of Entra's answer but that number reaches a message.
 */

import { blocked, type Failure, throttled, unavailable } from '../../domain/failure.ts';
import { isTenant, TENANT_FORM } from '../../domain/identity/entra-ids.ts';
import { type Application, isBound, originOf, originOfId } from '../../domain/identity/identity.ts';
import { showText } from '../../domain/keys.ts';
import { withRemedy } from '../../domain/remedies/remedy.ts';
import type { EntraRefusal } from './entra-refusal.ts';
import { entraRemedy } from './entra-remedies.ts';
import { FEDERATION } from './federation-errors.ts';
import { PRINCIPAL } from './principal-errors.ts';
import { proxyFailure } from './proxy-errors.ts';

/** Pause after a 429 without Retry-After. */
export const DEFAULT_PAUSE_MS = 30_000;

type Explain = (refusal: EntraRefusal) => Failure;

const THROTTLED_CODES = new Set([90055]);
const TRANSIENT_CODES = new Set([90033]);
/** Too many equal requests of one application: its own affair, not that of the tenant. */
const LOOP_CODE = 50196;

/** The failure a refusal means. What holds for a whole tenant names no application: others are told the same. */
export function entraFailure(refusal: EntraRefusal): Failure {
  const { status, code, retryAfterMs } = refusal;
  if (status === undefined && refusal.networkCode === undefined) return unasked(refusal);
  if (status === 429 || THROTTLED_CODES.has(code ?? 0)) {
    const message = `${refusal.authority} asks for a pause in token requests; it is kept.`;
    return throttled('EntraThrottled', message, retryAfterMs ?? DEFAULT_PAUSE_MS);
  }
  if (status === undefined || status >= 500 || status < 400 || TRANSIENT_CODES.has(code ?? 0)) {
    return unavailable('EntraUnavailable', unreachable(refusal), retryAfterMs);
  }
  if (code === LOOP_CODE) return unavailable('EntraRejected', looping(refusal), DEFAULT_PAUSE_MS);
  const { identity } = refusal;
  const ofProxy = isBound(identity) ? proxyFailure({ identity }, { status, code }) : undefined;
  if (ofProxy !== undefined) return ofProxy;
  if (code === undefined) return rejected(refusal);
  const failure = ofKind(code, refusal) ?? (COMMON.get(code) ?? rejected)(refusal);
  return withRemedy(failure, entraRemedy(refusal));
}

const who = ({ identity }: EntraRefusal): string => `application ${identity.clientId}`;

function unreachable(refusal: EntraRefusal): string {
  const { authority, status, networkCode } = refusal;
  const cause = status === undefined ? (networkCode ?? 'no answer') : `HTTP ${status}`;
  return `No token from ${authority} (${cause}); tried again by itself. If it lasts, check the operator's network, proxy and trusted certificates.`;
}

const looping = (refusal: EntraRefusal): string =>
  `Entra sees too many equal requests of ${who(refusal)} (AADSTS50196); tried again by itself.`;

const application: Explain = ({ identity }) =>
  blocked(
    'ApplicationNotFound',
    `Application ${identity.clientId} does not exist in tenant ${identity.tenantId}: check the client id (${originOfId(identity, 'clientId')}) and the tenant id (${originOfId(identity, 'tenantId')}).`,
  );

const disabled: Explain = ({ identity }) =>
  blocked(
    'EntraRejected',
    `Application ${identity.clientId} is disabled in tenant ${identity.tenantId}: enable it, or use another.`,
  );

const tenant: Explain = ({ identity, authority }) =>
  blocked(
    'TenantNotFound',
    `Tenant ${identity.tenantId} does not exist at ${authority}: check the tenant id (${originOfId(identity, 'tenantId')}), and that the operator's setting cloud names the tenant's cloud.`,
  );

/** "Confidential Client is not supported in Cross Cloud request": a tenant of US Government, asked for in the public cloud. */
const otherCloud: Explain = ({ identity, authority }) =>
  blocked(
    'TenantNotFound',
    `Tenant ${identity.tenantId} is of another cloud than ${authority}: the operator's setting cloud must name the tenant's cloud, or the tenant id (${originOfId(identity, 'tenantId')}) is wrong.`,
  );

const resource: Explain = ({ identity, audience }) =>
  blocked(
    'AudienceNotFound',
    `Tenant ${identity.tenantId} knows no audience ${audience}: the endpoint is of another cloud than the operator's setting cloud says, or its setting store-audience is wrong.`,
  );

const rejected: Explain = (refusal) => {
  const number = refusal.code === undefined ? `HTTP ${refusal.status}` : `AADSTS${refusal.code}`;
  return blocked(
    'EntraRejected',
    `Entra refused a token to ${who(refusal)} of tenant ${refusal.identity.tenantId} with ${number}: look the number up at https://login.microsoftonline.com/error and correct the application or ${originOf(refusal.identity)}.`,
  );
};

/** The SDK itself refused the ids: a tenant id that is none never gets to Entra. */
const unasked: Explain = ({ identity }) =>
  isTenant(identity.tenantId) ? unusable(identity) : noTenant(identity);

const noTenant = (identity: Application): Failure =>
  blocked(
    'TenantNotFound',
    `${showText(identity.tenantId, 64)} is no tenant id: expected ${TENANT_FORM}; correct that of ${originOf(identity)}.`,
  );

const unusable = (identity: Application): Failure =>
  blocked(
    'EntraRejected',
    `No token request can be made for application ${identity.clientId} of tenant ${identity.tenantId}: check the client id, the tenant id and the credential of ${originOf(identity)}.`,
  );

/** What means the same for every kind of identity. */
export const COMMON: ReadonlyMap<number, Explain> = new Map<number, Explain>([
  [700016, application],
  [7000112, disabled],
  [90002, tenant],
  [900023, tenant],
  [900382, otherCloud],
  [500011, resource],
  [70011, resource],
  [1002012, resource],
]);

/** What a code means for this kind of identity. */
function ofKind(code: number, refusal: EntraRefusal): Failure | undefined {
  const { identity } = refusal;
  switch (identity.kind) {
    case 'WorkloadIdentity':
      return FEDERATION.get(code)?.({ ...refusal, identity });
    case 'ServicePrincipal':
      return PRINCIPAL.get(code)?.({ ...refusal, identity });
  }
}
