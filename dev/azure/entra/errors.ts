import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { CloudNames } from '../hosts.ts';
import { type Answer, json } from '../http/call.ts';

/** One AADSTS error before it is dressed as a response. */
export interface EntraError {
  readonly code: number;
  readonly status: number;
  readonly error: string;
  readonly text: string;
  readonly headers?: Record<string, string>;
}

const FEDERATION_HINT =
  'Check your federated identity credential Subject, Audience and Issuer against the presented assertion. ' +
  'https://learn.microsoft.com/entra/workload-id/workload-identity-federation';

/** The errors of the token endpoint with their HTTP statuses and texts (C.4). */
export const entraErrors = {
  missingParameter: (name: string) =>
    invalidRequest(900144, `The request body must contain the following parameter: '${name}'.`),
  unknownTenant: (tenant: string) =>
    invalidRequest(
      90002,
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the ` +
        'correct cloud. Check with your subscription administrator, this may happen if there are no active ' +
        'subscriptions for the tenant.',
    ),
  unknownApp: (clientId: string, tenant: string): EntraError => ({
    code: 700016,
    status: 400,
    error: 'unauthorized_client',
    text:
      `Application with identifier '${clientId}' was not found in the directory '${tenant}'. This can happen if ` +
      'the application has not been installed by the administrator of the tenant or consented to by any user in ' +
      'the tenant. You may have sent your authentication request to the wrong tenant.',
  }),
  disabledApp: (clientId: string): EntraError => ({
    code: 7000112,
    status: 400,
    error: 'unauthorized_client',
    text: `Application '${clientId}' is disabled.`,
  }),
  unsupportedGrant: (grant: string): EntraError => ({
    code: 70003,
    status: 400,
    error: 'unsupported_grant_type',
    text: `The app requested an unsupported grant type '${grant}'.`,
  }),
  malformedAssertion: () => invalidClient(50027, 'JWT token is invalid or malformed.'),
  noCredentials: (clientId: string, name: string) =>
    invalidClient(
      70025,
      `The client '${clientId}'(${name}) has no configured federated identity credentials.`,
    ),
  noIssuer: (issuer: string) => noMatch(700211, 'issuer', issuer),
  noAudience: (audience: string) => noMatch(700212, 'audience', audience),
  noSubject: (subject: string) => noMatch(700213, 'subject', subject),
  subjectCase: (subject: string) => noMatch(7002138, 'subject', subject),
  issuerUnreachable: () => invalidRequest(90061, 'Request to External OIDC endpoint failed.'),
  missingProof: () =>
    invalidClient(
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
  wrongSecret: (clientId: string) =>
    invalidClient(
      7000215,
      'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, ' +
        `not the client secret ID, for a secret added to app '${clientId}'.`,
    ),
  expiredSecret: (clientId: string) =>
    invalidClient(
      7000222,
      `The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to create new keys ` +
        'for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: ' +
        'https://aka.ms/certCreds.',
    ),
  unknownCertificate: (thumbprint: string, clientId: string) =>
    certificateRefused('The key was not found.', thumbprint, clientId),
  expiredCertificate: (thumbprint: string, clientId: string) =>
    certificateRefused('The key used is expired.', thumbprint, clientId),
  wrongAssertionAudience: () =>
    invalidClient(700023, 'Client assertion audience claim does not match Realm issuer.'),
  badSignature: (reason: string) =>
    invalidClient(
      700027,
      `The certificate with identifier used to sign the client assertion is not valid. ${reason}`,
    ),
  outsideLifetime: (now: string, from: string, until: string) =>
    invalidClient(
      700024,
      `Client assertion is not within its valid time range. Current time: ${now}, assertion valid from ${from}, ` +
        `expiry time of assertion ${until}.`,
    ),
  invalidScope: (scope: string): EntraError => ({
    code: 70011,
    status: 400,
    error: 'invalid_scope',
    text:
      "The provided request must include a 'scope' input parameter. The provided value for the input parameter " +
      `'scope' is not valid. The scope ${scope} is not valid.`,
  }),
  unknownResource: (resource: string, tenant: string): EntraError => ({
    code: 500011,
    status: 400,
    error: 'invalid_resource',
    text:
      `The resource principal named ${resource} was not found in the tenant named ${tenant}. This can happen if the ` +
      'application has not been installed by the administrator of the tenant or consented to by any user in the ' +
      'tenant. You might have sent your authentication request to the wrong tenant.',
  }),
  throttled: (): EntraError => ({
    code: 90055,
    status: 429,
    error: 'temporarily_unavailable',
    text: 'Request throttled because there are too many requests.',
    headers: { 'retry-after': '1' },
  }),
  unavailable: (status: number): EntraError => ({
    code: 90033,
    status,
    error: 'temporarily_unavailable',
    text: 'A transient error has occurred. Please try again.',
  }),
};

/** The error as Entra's JSON body; every answer has fresh trace and correlation ids. */
export function errorAnswer(
  failure: EntraError,
  { clock, names }: { readonly clock: Clock; readonly names: CloudNames },
  principal?: string,
): Answer {
  const [trace, correlation] = [randomUUID(), randomUUID()];
  const timestamp = `${new Date(clock.now()).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const body = {
    error: failure.error,
    error_description:
      `AADSTS${failure.code}: ${failure.text} Trace ID: ${trace} Correlation ID: ${correlation} ` +
      `Timestamp: ${timestamp}`,
    error_codes: [failure.code],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
    error_uri: `https://${names.login}/error?code=${failure.code}`,
  };
  const answer = json(failure.status, body, { 'cache-control': 'no-store', ...failure.headers });
  return { ...answer, code: `AADSTS${failure.code}`, principal };
}

function invalidRequest(code: number, text: string): EntraError {
  return { code, status: 400, error: 'invalid_request', text };
}

function invalidClient(code: number, text: string): EntraError {
  return { code, status: 401, error: 'invalid_client', text };
}

function certificateRefused(reason: string, thumbprint: string, clientId: string): EntraError {
  return invalidClient(
    700027,
    `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - ` +
      `${reason}, Thumbprint of key used by client: '${thumbprint}', Please visit the Azure Portal, Graph Explorer or ` +
      `directly use MS Graph to see configured keys for app Id '${clientId}'.]`,
  );
}

function noMatch(code: number, what: string, value: string): EntraError {
  const text = `No matching federated identity record found for presented assertion ${what} '${value}'.`;
  return invalidClient(code, `${text} ${FEDERATION_HINT}`);
}
