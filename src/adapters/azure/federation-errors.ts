/** What Entra's refusals of a ServiceAccount token mean, by AADSTS number. */
import type { Reason } from '../../api/reasons.ts';
import { blocked, type Failure } from '../../domain/failure.ts';
import { subjectOf, type WorkloadIdentity } from '../../domain/identity/identity.ts';
import type { EntraRefusal } from './entra-refusal.ts';

type Refusal = EntraRefusal<WorkloadIdentity>;
type Explain = (refusal: Refusal) => Failure;

function credentialNeeded({ identity, claims }: Refusal): string {
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

const OF_ASSERTION: ReadonlySet<Reason> = new Set([
  'FederatedCredentialMissing',
  'FederatedCredentialMismatch',
  'FederatedIssuerMismatch',
  'FederatedAudienceMismatch',
  'FederatedSubjectMismatch',
  'AssertionRejected',
  'IssuerUnreachable',
  'IdentityBindingRefused',
]);

/**
 * Whether a failure is about what a ServiceAccount token says, or how it is signed. A fresh one may end it; and where it
 * does not, it makes the message and the commands, which quote the token, those of the cluster as it is now.
 */
export const isOfAssertion = (failure: Failure): boolean =>
  failure.kind === 'blocked' && OF_ASSERTION.has(failure.reason);

export const FEDERATION: ReadonlyMap<number, Explain> = new Map<number, Explain>([
  [70025, create],
  [70021, mismatch('FederatedCredentialMismatch', "the token's issuer, subject and audience")],
  [700211, mismatch('FederatedIssuerMismatch', "the cluster's issuer (a trailing slash counts)")],
  [700212, mismatch('FederatedAudienceMismatch', "the token's audience")],
  [700213, mismatch('FederatedSubjectMismatch', 'this subject')],
  [7002138, mismatch('FederatedSubjectMismatch', 'this subject in the same upper and lower case')],
  [700024, time],
  [700027, signature],
  [90061, issuer],
  [50166, issuer],
]);
