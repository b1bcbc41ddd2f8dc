import { expect } from 'chai';
import { throughProxy } from '../../../../src/adapters/azure/azure-proxy.ts';

describe('the way through the proxy for identity bindings', () => {
  it('keeps path and query of what would go to Entra, behind the path of the proxy', () => {
    const url = 'https://login.microsoftonline.com/tenant/oauth2/v2.0/token?client-request-id=1';
    expect(throughProxy(url, { url: 'https://proxy:8443' })).to.equal(
      'https://proxy:8443/tenant/oauth2/v2.0/token?client-request-id=1',
    );
    expect(throughProxy(url, { url: 'https://proxy/deep/path' })).to.equal(
      'https://proxy/deep/path/tenant/oauth2/v2.0/token?client-request-id=1',
    );
  });
});
