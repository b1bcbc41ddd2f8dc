import type { AzureOperation, AzureService } from '../../ports/metrics.ts';

interface Route {
  readonly service: AzureService;
  readonly method: string;
  readonly path: RegExp;
  readonly operation: AzureOperation;
}

/** Paths: learn.microsoft.com/azure/azure-app-configuration/rest-api, .../rest/api/keyvault/secrets, .../entra. */
const ROUTES: readonly Route[] = [
  { service: 'appconfig', method: 'HEAD', path: /^\/kv\b/, operation: 'check_settings' },
  { service: 'appconfig', method: 'GET', path: /^\/kv\b/, operation: 'list_settings' },
  { service: 'appconfig', method: 'GET', path: /^\/snapshots\//, operation: 'get_snapshot' },
  { service: 'keyvault', method: 'GET', path: /^\/secrets\/?$/, operation: 'list_secrets' },
  { service: 'keyvault', method: 'GET', path: /^\/secrets\//, operation: 'get_secret' },
  { service: 'entra', method: 'POST', path: /\/oauth2\/v2\.0\/token$/, operation: 'get_token' },
  // Which endpoints a tenant has: the instance discovery of the authentication library.
  {
    service: 'entra',
    method: 'GET',
    path: /\/(discovery\/instance|openid-configuration)$/,
    operation: 'discover',
  },
];

/** The label `operation` of a request, read off its method and path: never a key, a name or a host. */
export function operationOf(service: AzureService, method: string, url: string): AzureOperation {
  const path = URL.canParse(url) ? new URL(url).pathname : '';
  const route = ROUTES.find((one) => one.service === service && one.method === method && one.path.test(path));
  return route?.operation ?? 'other';
}
