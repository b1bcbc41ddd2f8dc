import { expect } from 'chai';
import { RequestLog } from '../../../dev/azure/requestlog.ts';

describe('the request log of the pretend Azure', () => {
  it('tells how many requests there were by service, method and status', () => {
    const log = new RequestLog();
    const request = { time: '2026-01-01T00:00:00Z', host: 'a.azconfig.io', path: '/kv', query: '' };
    log.add({ ...request, service: 'appconfig', method: 'HEAD', status: 304 });
    log.add({ ...request, service: 'appconfig', method: 'HEAD', status: 304 });
    log.add({ ...request, service: 'keyvault', method: 'GET', status: 200, host: 'a.vault.azure.net' });
    expect(log.count()).to.deep.equal({ 'appconfig HEAD 304': 2, 'keyvault GET 200': 1 });
    expect(log.count({ service: 'keyvault' })).to.deep.equal({ 'keyvault GET 200': 1 });
  });
});
