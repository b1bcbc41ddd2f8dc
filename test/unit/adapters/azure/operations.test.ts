import { expect } from 'chai';
import { operationOf } from '../../../../src/adapters/azure/operations.ts';

describe('the operation of a request', () => {
  const store = 'https://contoso.azconfig.io';
  const cases = [
    ['appconfig', 'HEAD', `${store}/kv?api-version=2024-09-01&key=orders%3A*`, 'check_settings'],
    ['appconfig', 'GET', `${store}/kv?snapshot=orders`, 'list_settings'],
    ['appconfig', 'GET', `${store}/snapshots/orders-2026?api-version=1`, 'get_snapshot'],
    ['keyvault', 'GET', 'https://contoso.vault.azure.net/secrets/db/?api-version=7.5', 'get_secret'],
    ['keyvault', 'GET', 'https://contoso.vault.azure.net/secrets?api-version=7.5', 'list_secrets'],
    ['keyvault', 'GET', 'https://contoso.vault.azure.net:443/secrets?$skiptoken=x', 'list_secrets'],
    ['entra', 'POST', 'https://login.microsoftonline.com/tenant/oauth2/v2.0/token', 'get_token'],
    ['entra', 'GET', 'https://login.microsoftonline.com/t/v2.0/.well-known/openid-configuration', 'discover'],
    ['appconfig', 'PUT', `${store}/kv/orders`, 'other'],
    ['keyvault', 'GET', 'https://contoso.vault.azure.net/keys/db', 'other'],
    ['entra', 'POST', 'no address', 'other'],
  ] as const;
  for (const [service, method, url, operation] of cases) {
    it(`is ${operation} for ${service} ${method} ${url}`, () =>
      expect(operationOf(service, method, url)).to.equal(operation));
  }
});
