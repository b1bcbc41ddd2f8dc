import type { CloudNames } from '../hosts.ts';
import type { Tenant } from './directory.ts';

/** Answer of instance discovery: which hosts are one cloud (C.2). */
export function instanceDiscovery(tenant: string, { login, loginAliases: aliases }: CloudNames) {
  return {
    tenant_discovery_endpoint: `https://${login}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: login, preferred_cache: aliases[1], aliases }],
  };
}

/** A tenant's OIDC metadata, with the members MSAL insists on (C.2). */
export function tenantMetadata(tenant: Tenant, { login, region, instance }: CloudNames) {
  const base = `https://${login}/${tenant.id}`;
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
    tenant_region_scope: region,
    cloud_instance_name: instance,
  };
}
