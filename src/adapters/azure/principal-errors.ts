/**
 * What Entra's refusals of a client secret or certificate mean, by AADSTS number
 * (learn.microsoft.com/entra/identity-platform/reference-error-codes).
 */
import { blocked, type Failure } from '../../domain/failure.ts';
import { originOf, type ServicePrincipal } from '../../domain/identity/identity.ts';
import { rfc3339 } from '../../domain/times.ts';
import type { EntraRefusal } from './entra-refusal.ts';

type Explain = (refusal: EntraRefusal<ServicePrincipal>) => Failure;

const wrong: Explain = ({ identity }) =>
  blocked(
    'ClientSecretRejected',
    `Entra does not know the clientSecret in ${originOf(identity)} for application ${identity.clientId}: put the value (not the id) of one of its client secrets there; a changed Secret is used within the refresh interval.`,
  );

const expired: Explain = ({ identity }) =>
  blocked(
    'ClientSecretExpired',
    `The client secret of application ${identity.clientId} in ${originOf(identity)} has expired: create a new one and put its value there; a changed Secret is used within the refresh interval.`,
  );

/** The number is the same for a certificate that Entra does not know and for one that has expired. */
const certificate: Explain = ({ identity, now }) => {
  const credential = identity.credential.reveal();
  const which =
    credential.kind === 'certificate'
      ? `the certificate ${credential.thumbprint} in ${originOf(identity)}`
      : `the credential in ${originOf(identity)}`;
  if (credential.kind === 'certificate' && credential.expiresAt <= now)
    return blocked(
      'ClientCertificateExpired',
      `Entra refuses ${which}, which expired at ${rfc3339(credential.expiresAt)}: put a new one there, and add it to application ${identity.clientId}; a changed Secret is used within the refresh interval.`,
    );
  return blocked(
    'ClientCertificateRejected',
    `Application ${identity.clientId} does not have ${which}: add it to the application, or put one there that it has; a changed Secret is used within the refresh interval.`,
  );
};

const time: Explain = ({ identity }) =>
  blocked(
    'AssertionRejected',
    `Entra finds what was signed with the certificate in ${originOf(identity)} outside its validity: check the clock of the operator's node.`,
  );

export const PRINCIPAL: ReadonlyMap<number, Explain> = new Map<number, Explain>([
  [7000215, wrong],
  [7000222, expired],
  [700027, certificate],
  [700024, time],
]);
