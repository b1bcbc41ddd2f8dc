/**
 * Tokens for managed identities of the operator's node, from its instance metadata service (IMDS).
 *
 * The SDK's credential is not used: it looks around in the environment for other sources (App Service, Arc, a
 * projected token) and probes the address first. Protocol:
 * learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 *
 * Guarantees: asked at one address only, never through a proxy, without redirects; every refusal is a failure.
 */
import type { AccessToken } from '@azure/core-auth';
import { createHttpHeaders, createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline';
import { blocked, type Failure, fail, ok, type Result, unavailable } from '../../domain/failure.ts';
import { callerOf, type ManagedIdentity } from '../../domain/identity/identity.ts';
import type { Clock } from '../../ports/clock.ts';
import { retryAfterMs } from './retry-after.ts';
import { codeOf, stringMember } from './sdk-call.ts';

/** The same on every virtual machine of Azure. */
export const METADATA_HOST = 'http://169.254.169.254';
const API_VERSION = '2018-02-01';

export interface ManagedIdentityOptions {
  /** One that uses no proxy. */
  readonly http: HttpClient;
  /** `http://<host>[:port]` of the instance metadata service. */
  readonly metadataHost: string;
  readonly clock: Clock;
}

export async function managedIdentityToken(
  identity: ManagedIdentity,
  scope: string,
  { http, metadataHost, clock }: ManagedIdentityOptions,
): Promise<Result<AccessToken>> {
  const query = new URLSearchParams({
    'api-version': API_VERSION,
    resource: scope.replace(/\/\.default$/, ''),
    ...(identity.clientId === undefined ? {} : { client_id: identity.clientId }),
  });
  const request = createPipelineRequest({
    url: `${metadataHost}/metadata/identity/oauth2/token?${query}`,
    method: 'GET',
    headers: createHttpHeaders({ metadata: 'true' }),
    allowInsecureConnection: true,
  });
  try {
    const { status, bodyAsText, headers } = await http.sendRequest(request);
    const body = parsed(bodyAsText);
    const pause = retryAfterMs((name) => headers.get(name), clock.now());
    if (status !== 200) return fail(metadataRefusal(identity, status, body, pause));
    const token = tokenOf(body);
    return token === undefined ? fail(unreachable('its answer is no token')) : ok(token);
  } catch (error) {
    return fail(unreachable(codeOf(error) ?? 'no answer'));
  }
}

/** Numbers are strings there. */
function tokenOf(body: unknown): AccessToken | undefined {
  const [token, expiresOn] = [stringMember(body, 'access_token'), stringMember(body, 'expires_on')];
  const expiresOnTimestamp = Number(expiresOn) * 1000;
  return token && expiresOnTimestamp > 0 ? { token, expiresOnTimestamp, tokenType: 'Bearer' } : undefined;
}

function parsed(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** 404, 410 and 429 pass as well: the service restarts, or is asked too often (documented with a retry). */
const TRANSIENT = new Set([404, 408, 410, 429]);

/** Entra's own words, handed on: 50001 of documentation, 500011 of today. */
const UNKNOWN_RESOURCE = /AADSTS50001(1)?\b/;

/** The failure that an answer without a token means. */
export function metadataRefusal(
  identity: ManagedIdentity,
  status: number,
  body: unknown,
  pause: number | undefined,
): Failure {
  if (status >= 500 || status < 400 || TRANSIENT.has(status)) return unreachable(`HTTP ${status}`, pause);
  const text = stringMember(body, 'error_description') ?? '';
  if (/multiple user assigned/i.test(text))
    return blocked(
      'ManagedIdentityNotFound',
      "The operator's node has several managed identities: say which one in managedIdentity.clientId.",
    );
  if (UNKNOWN_RESOURCE.test(text))
    return blocked(
      'AudienceNotFound',
      `The tenant of ${callerOf(identity)} does not know the audience of the token: the endpoint is of another cloud than the operator's setting cloud says, or its setting store-audience is wrong.`,
    );
  if (status === 400 && /identity not found/i.test(text))
    return blocked(
      'ManagedIdentityNotFound',
      identity.clientId === undefined
        ? "The operator's node has no managed identity: assign one to the node pool."
        : `The operator's node does not have ${callerOf(identity)}: assign it to the node pool, or correct managedIdentity.clientId.`,
    );
  return blocked(
    'EntraRejected',
    `The instance metadata service of the operator's node refuses a token to ${callerOf(identity)} with HTTP ${status}.`,
  );
}

const unreachable = (cause: string, retryAfter?: number): Failure =>
  unavailable(
    'ManagedIdentityUnavailable',
    `No token from the instance metadata service of the operator's node (${cause}); tried again by itself. If it lasts: nodes outside Azure have none, and network policies must let the operator reach 169.254.169.254.`,
    retryAfter,
  );
