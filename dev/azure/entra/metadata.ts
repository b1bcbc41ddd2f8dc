import { LOGIN_HOST } from '../hosts.ts';
import type { Tenant } from './directory.ts';

/** Answer of instance discovery: which hosts are one cloud (C.2). */
export function instanceDiscovery(tenant: string) {
  const aliases = [LOGIN_HOST, 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'];
  return {
    tenant_discovery_endpoint: `https://${LOGIN_HOST}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: LOGIN_HOST, preferred_cache: 'login.windows.net', aliases }],
  };
}

/** A tenant's OIDC metadata, with the members MSAL insists on (C.2). */
export function tenantMetadata(tenant: Tenant) {
  const base = `https://${LOGIN_HOST}/${tenant.id}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    tenant_region_scope: 'EU',
    cloud_instance_name: 'microsoftonline.com',
  };
}
