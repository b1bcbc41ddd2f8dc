/**
 * Entra's refusals as failures that say who, what and how to repair. Keyed on the AADSTS number: texts and HTTP
 * statuses of the same error have changed over the years (learn.microsoft.com/entra/identity-platform/reference-error-codes).
 * Nothing of Entra's answer but that number reaches a message.
 */
import type { Reason } from '../../api/reasons.ts';
import { blocked, type Failure, throttled, unavailable } from '../../domain/failure.ts';
import { type Identity, subjectOf } from '../../domain/identity.ts';
import type { AssertionClaims } from './assertion-claims.ts';

/** A token request that did not end in a token. */
export interface EntraRefusal {
  readonly identity: Identity;
  /** Host of the authority, e.g. `login.microsoftonline.com`. */
  readonly authority: string;
  /** What the token was for, e.g. `https://vault.azure.net`. */
  readonly audience: string;
  readonly claims: AssertionClaims;
  /** HTTP status; absent when there was no answer. */
  readonly status?: number;
  /** First AADSTS number of the answer. */
  readonly code?: number;
  readonly retryAfterMs?: number;
  /** Errno of a transport error. */
  readonly networkCode?: string;
}

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
  if (status === 429 || THROTTLED_CODES.has(code ?? 0)) {
    const message = `${refusal.authority} asks for a pause in token requests; it is kept.`;
    return throttled('EntraThrottled', message, retryAfterMs ?? DEFAULT_PAUSE_MS);
  }
  if (status === undefined || status >= 500 || status < 400 || TRANSIENT_CODES.has(code ?? 0)) {
    return unavailable('EntraUnavailable', unreachable(refusal), retryAfterMs);
  }
  if (code === LOOP_CODE) return unavailable('EntraRejected', looping(refusal), DEFAULT_PAUSE_MS);
  const explain = code === undefined ? undefined : EXPLANATIONS.get(code);
  return (explain ?? rejected)(refusal);
}

const who = ({ identity }: EntraRefusal): string => `application ${identity.clientId}`;

function unreachable(refusal: EntraRefusal): string {
  const { authority, status, networkCode } = refusal;
  const cause = status === undefined ? (networkCode ?? 'no answer') : `HTTP ${status}`;
  return `No token from ${authority} (${cause}); tried again by itself. If it lasts, check the operator's network, proxy and trusted certificates.`;
}

const looping = (refusal: EntraRefusal): string =>
  `Entra sees too many equal requests of ${who(refusal)} (AADSTS50196); tried again by itself.`;

function credentialNeeded({ identity, claims }: EntraRefusal): string {
  const issuer = claims.issuer ?? "the cluster's ServiceAccount issuer";
  const audience = claims.audience ?? 'api://AzureADTokenExchange';
  return `issuer ${issuer}, subject ${subjectOf(identity)}, audience ${audience}`;
}

const NEW_ONES = 'A new one takes seconds to minutes to work.';

const create: Explain = (refusal) =>
  blocked(
    'FederatedCredentialMissing',
    `Application ${refusal.identity.clientId} has no federated credential: create a federated credential on application ${refusal.identity.clientId} with ${credentialNeeded(refusal)}. ${NEW_ONES}`,
  );

/** Some credential exists, but one part differs; names that part and the whole that is wanted. */
const mismatch =
  (reason: Reason, part: string): Explain =>
  (refusal) =>
    blocked(
      reason,
      `No federated credential of application ${refusal.identity.clientId} has ${part}: create or correct one with ${credentialNeeded(refusal)}, compared exactly and by case. ${NEW_ONES}`,
    );

const application: Explain = ({ identity }) =>
  blocked(
    'ApplicationNotFound',
    `Application ${identity.clientId} does not exist in tenant ${identity.tenantId}: check the client id and the tenant id of ServiceAccount ${identity.namespace}/${identity.serviceAccount}.`,
  );

const disabled: Explain = ({ identity }) =>
  blocked(
    'EntraRejected',
    `Application ${identity.clientId} is disabled in tenant ${identity.tenantId}: enable it, or use another.`,
  );

const tenant: Explain = ({ identity, authority }) =>
  blocked(
    'TenantNotFound',
    `Tenant ${identity.tenantId} does not exist at ${authority}: check the tenant id of ServiceAccount ${identity.namespace}/${identity.serviceAccount}, and that the operator uses the right cloud.`,
  );

const resource: Explain = ({ identity, audience }) =>
  blocked(
    'AudienceNotFound',
    `Tenant ${identity.tenantId} knows no audience ${audience}: the endpoint is of another cloud, or the operator's audience setting is wrong.`,
  );

const time: Explain = (refusal) =>
  blocked(
    'AssertionRejected',
    `Entra finds the ServiceAccount token of ${subjectOf(refusal.identity)} outside its validity: check the clocks of the control plane nodes.`,
  );

const signature: Explain = (refusal) =>
  blocked(
    'AssertionRejected',
    `Entra does not accept the signature of the ServiceAccount token of ${subjectOf(refusal.identity)}: the keys published at ${refusal.claims.issuer ?? 'the issuer'} must be the cluster's current signing keys.`,
  );

const issuer: Explain = ({ claims }) =>
  blocked(
    'IssuerUnreachable',
    `Entra cannot read ${claims.issuer ?? 'the issuer'}: its /.well-known/openid-configuration and keys must be reachable from the internet over https.`,
  );

const rejected: Explain = (refusal) => {
  const number = refusal.code === undefined ? `HTTP ${refusal.status}` : `AADSTS${refusal.code}`;
  return blocked(
    'EntraRejected',
    `Entra refused a token to ${who(refusal)} of tenant ${refusal.identity.tenantId} with ${number}: look the number up at https://login.microsoftonline.com/error and correct the application or the ServiceAccount.`,
  );
};

const EXPLANATIONS: ReadonlyMap<number, Explain> = new Map<number, Explain>([
  [70025, create],
  [70021, mismatch('FederatedCredentialMismatch', "the token's issuer, subject and audience")],
  [700211, mismatch('FederatedIssuerMismatch', "the cluster's issuer (a trailing slash counts)")],
  [700212, mismatch('FederatedAudienceMismatch', "the token's audience")],
  [700213, mismatch('FederatedSubjectMismatch', 'this subject')],
  [7002138, mismatch('FederatedSubjectMismatch', 'this subject in the same upper and lower case')],
  [700016, application],
  [7000112, disabled],
  [90002, tenant],
  [900023, tenant],
  [500011, resource],
  [70011, resource],
  [1002012, resource],
  [700024, time],
  [700027, signature],
  [90061, issuer],
  [50166, issuer],
]);
