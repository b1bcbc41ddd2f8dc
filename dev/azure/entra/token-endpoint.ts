import type { Clock } from '../clock.ts';
import type { CloudNames } from '../hosts.ts';
import { type Answer, isRecord, json } from '../http/call.ts';
import { checkAssertion } from './assertions.ts';
import { checkOwnAssertion, isOwnAssertion } from './client-certificates.ts';
import { checkClientSecret } from './client-secrets.ts';
import type { App, Tenant } from './directory.ts';
import { type EntraError, entraErrors, errorAnswer } from './errors.ts';
import type { ExternalIssuers } from './issuers.ts';
import { isKnownResource, resourceOf } from './resources.ts';
import type { TokenIssuer } from './tokens.ts';

export interface TokenEndpointParts {
  readonly names: CloudNames;
  readonly clock: Clock;
  readonly issuers: ExternalIssuers;
  readonly tokens: TokenIssuer;
  readonly storeExists: (host: string) => boolean;
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const REQUIRED = ['grant_type', 'client_id', 'scope'];
const LONG_LIVED_SECONDS = 7200;

/**
 * `POST /{tenant}/oauth2/v2.0/token` for client credentials with a client assertion or a client secret (C.1).
 *
 * Order of checks: parameters, app, secret or assertion (see there), scope, resource (C.3); unknown parameters are tolerated.
 */
export async function tokenEndpoint(
  tenant: Tenant,
  body: Buffer,
  parts: TokenEndpointParts,
): Promise<Answer> {
  const form = new URLSearchParams(body.toString('utf8'));
  const clientId = form.get('client_id') ?? undefined;
  const fail = (error: EntraError) => errorAnswer(error, parts, clientId);
  const missing = REQUIRED.find((name) => !form.get(name));
  if (missing) return fail(entraErrors.missingParameter(missing));
  const app = findApp(tenant, form);
  if ('code' in app) return fail(app);
  const refused = checkGrant(form) ?? (await checkProof(form, app, parts));
  if (refused) return fail(refused);
  const resource = findResource(tenant, form.get('scope') ?? '', parts);
  return typeof resource === 'string' ? issue(app, resource, form, parts) : fail(resource);
}

function findApp(tenant: Tenant, form: URLSearchParams): App | EntraError {
  const clientId = form.get('client_id') ?? '';
  const app = tenant.apps.get(clientId.toLowerCase());
  if (!app) return entraErrors.unknownApp(clientId, tenant.name);
  return app.disabled ? entraErrors.disabledApp(clientId) : app;
}

function checkGrant(form: URLSearchParams): EntraError | undefined {
  const grant = form.get('grant_type') ?? '';
  return grant === 'client_credentials' ? undefined : entraErrors.unsupportedGrant(grant);
}

/** A secret, or an assertion with its type. */
async function checkProof(
  form: URLSearchParams,
  app: App,
  { issuers, clock, names }: TokenEndpointParts,
): Promise<EntraError | undefined> {
  const secret = form.get('client_secret');
  if (secret) return checkClientSecret(secret, app, clock);
  const assertion = form.get('client_assertion');
  if (!assertion) return entraErrors.missingProof();
  if (form.get('client_assertion_type') !== ASSERTION_TYPE)
    return entraErrors.missingParameter('client_assertion_type');
  if (isOwnAssertion(assertion, app)) return checkOwnAssertion(assertion, app, clock, names);
  return checkAssertion(assertion, app, issuers, clock);
}

function findResource(
  tenant: Tenant,
  scope: string,
  { names, storeExists }: TokenEndpointParts,
): string | EntraError {
  const resource = resourceOf(scope);
  if (resource === undefined) return entraErrors.invalidScope(scope);
  return isKnownResource(resource, names, storeExists)
    ? resource
    : entraErrors.unknownResource(resource, tenant.name);
}

async function issue(
  app: App,
  audience: string,
  form: URLSearchParams,
  parts: TokenEndpointParts,
): Promise<Answer> {
  const lifetime = parts.tokens.lifetimeSeconds;
  const capabilities = requestedCapabilities(form.get('claims'));
  const method = form.get('client_secret') ? 'secret' : 'assertion';
  const token = await parts.tokens.issue({ app, audience, capabilities, method });
  const body = {
    token_type: 'Bearer',
    expires_in: lifetime,
    ext_expires_in: lifetime,
    // Long-lived tokens tell the client to renew at half time.
    ...(lifetime > LONG_LIVED_SECONDS ? { refresh_in: Math.floor(lifetime / 2) } : {}),
    access_token: token,
  };
  return { ...json(200, body, { 'cache-control': 'no-store' }), principal: app.clientId };
}

/** `{"access_token":{"xms_cc":{"values":["cp1"]}}}` in the `claims` parameter (B.4). */
function requestedCapabilities(claims: string | null): string[] {
  try {
    const parsed: unknown = JSON.parse(claims ?? '{}');
    const access = isRecord(parsed) ? parsed.access_token : undefined;
    const wanted = isRecord(access) ? access.xms_cc : undefined;
    const values = isRecord(wanted) ? wanted.values : undefined;
    return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
  } catch {
    return [];
  }
}
