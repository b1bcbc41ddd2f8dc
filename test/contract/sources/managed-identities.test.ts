import { expect } from 'chai';
import { managedIdentity } from '../../../src/domain/identity/identity.ts';
import { type Bench, failureOf, okValue, patience, select, startBench, VAULT } from './bench.ts';

describe('managed identities of the node', () => {
  let bench: Bench;

  before(async () => {
    bench = await startBench();
    await bench.pretend.control.setSecret({ vault: 'shop-vault', name: 'db', value: 's3cret' });
  });
  after(() => bench.stop());
  beforeEach(async () => {
    const { control } = bench.pretend;
    await control.setNodeIdentities({ system: null, user: [bench.clientId] });
    await control.clearFaults();
    await control.clearRequests();
  });

  const head = (clientId?: string) =>
    bench.azure().headPages(select('*'), managedIdentity(clientId), [], patience());

  it('read a store and a vault with tokens of the metadata service, of which one for each is asked', async () => {
    const azure = bench.azure();
    for (const identity of [managedIdentity(bench.clientId), managedIdentity(bench.clientId)]) {
      okValue(await azure.headPages(select('*'), identity, [], patience()));
      const secret = await azure.readSecret({ vault: VAULT, name: 'db' }, identity, patience());
      expect(okValue(secret).value).to.equal('s3cret');
    }
    const { control } = bench.pretend;
    expect(await control.requests({ service: 'imds' })).to.have.length(2);
    expect(await control.requests({ service: 'entra' })).to.have.length(0);
  });

  it('are asked for without the proxy that everything else goes through', async () => {
    okValue(await head());
    const connects = await bench.pretend.control.requests({ service: 'proxy' });
    expect(connects.map(({ host }) => host)).to.deep.equal(['shop.azconfig.io']);
  });

  it('say which one is missing, or that one must be chosen', async () => {
    const nobody = '11111111-2222-4333-8444-555555555555';
    const missing = failureOf(await head(nobody));
    expect(missing).to.include({ kind: 'blocked', reason: 'ManagedIdentityNotFound' });
    expect(missing.message).to.include(`managed identity ${nobody}: assign it to the node pool`);
    await bench.pretend.control.setNodeIdentities({ user: [bench.clientId, nobody] });
    expect(failureOf(await head()).message).to.include('say which one in managedIdentity.clientId');
  });

  it('are waited for while the metadata service is disturbed, busy or not there', async () => {
    const { control } = bench.pretend;
    for (const fault of [
      { status: 500 },
      { status: 429 },
      { status: 404 },
      { reset: true },
      { status: 200, body: '{}' },
    ]) {
      await control.addFault({ service: 'imds', ...fault });
      const failure = failureOf(await head());
      expect(failure, JSON.stringify(fault)).to.include({
        kind: 'unavailable',
        reason: 'ManagedIdentityUnavailable',
      });
      await control.clearFaults();
    }
  });

  it('that are refused for something else are not called missing', async () => {
    const { control } = bench.pretend;
    const answer = (error: string, description: string) =>
      control.addFault({
        service: 'imds',
        status: 400,
        body: JSON.stringify({ error, error_description: description }),
      });
    await answer('invalid_resource', 'AADSTS500011: The resource principal was not found in the tenant.');
    const audience = failureOf(await head(bench.clientId));
    expect(audience).to.include({ kind: 'blocked', reason: 'AudienceNotFound' });
    expect(audience.message).to.include("the operator's setting cloud").and.not.include('principal was');
    await control.clearFaults();
    await answer('invalid_request', 'Something else.');
    const refused = failureOf(await head(bench.clientId));
    expect(refused).to.include({ kind: 'blocked', reason: 'EntraRejected' });
    expect(refused.message)
      .to.match(/with HTTP 400/)
      .and.not.include('Something else');
  });

  it('are told what role they need', async () => {
    const { control } = bench.pretend;
    const { clientId } = await control.createApp({ name: 'roleless' });
    await control.setNodeIdentities({ system: clientId });
    const failure = failureOf(await head(clientId));
    expect(failure).to.include({ kind: 'blocked', reason: 'StoreForbidden' });
    expect(failure.message).to.match(new RegExp(`^Managed identity ${clientId} may not read`));
    expect(failureOf(await head()).message).to.match(/^Managed identity of the operator's node may not read/);
  });
});
