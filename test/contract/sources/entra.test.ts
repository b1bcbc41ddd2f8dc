import { expect } from 'chai';
import { blocked, fail } from '../../../src/domain/failure.ts';
import type { Identity, WorkloadIdentity } from '../../../src/domain/identity/identity.ts';
import type { TokenRequester } from '../../../src/ports/kubernetes.ts';
import { Assertions } from '../../../src/sources/assertions.ts';
import { type Bench, failureOf, okValue, patience, realClock, select, startBench, VAULT } from './bench.ts';

describe('refusals of Entra', () => {
  let bench: Bench;

  before(async () => {
    bench = await startBench();
    await bench.pretend.control.setSecret({ vault: 'shop-vault', name: 'db', value: 'x' });
  });
  after(() => bench.stop());
  afterEach(async () => {
    await bench.pretend.control.clearFaults();
    bench.cluster.tweaks = {};
    bench.cluster.refusal = undefined;
  });

  const refusal = async (identity: Identity, audienceOverride?: string) => {
    const azure = bench.azure(audienceOverride === undefined ? {} : { audienceOverride });
    return failureOf(await azure.headPages(select('*'), identity, [], patience()));
  };

  const wanted = (subject = 'orders') =>
    `issuer ${bench.cluster.issuer}, subject system:serviceaccount:shop:${subject}, audience api://AzureADTokenExchange`;

  it('give the whole federated credential to create when there is none (70025)', async () => {
    const app = await bench.pretend.control.createApp({ name: 'bare' });
    const failure = await refusal(bench.identity({ clientId: app.clientId }));
    expect(failure).to.include({ kind: 'blocked', reason: 'FederatedCredentialMissing' });
    expect(failure.message).to.include(
      `create a federated credential on application ${app.clientId} with ${wanted()}`,
    );
  });

  it('say which part of the credential differs (700211, 700212, 700213, 7002138)', async () => {
    bench.cluster.tweaks = { issuer: `${bench.cluster.issuer}/` };
    const issuer = await refusal(bench.identity());
    expect(issuer.reason).to.equal('FederatedIssuerMismatch');
    expect(issuer.message).to.include(`issuer ${bench.cluster.issuer}/,`);
    bench.cluster.tweaks = { audience: 'api://other' };
    const audience = await refusal(bench.identity());
    expect(audience.reason).to.equal('FederatedAudienceMismatch');
    expect(audience.message).to.include('audience api://other');
    bench.cluster.tweaks = {};
    const subject = await refusal(bench.identity({ serviceAccount: 'billing' }));
    expect(subject.reason).to.equal('FederatedSubjectMismatch');
    expect(subject.message).to.include(wanted('billing'));
    const cased = await refusal(bench.identity({ serviceAccount: 'Orders' }));
    expect(cased.reason).to.equal('FederatedSubjectMismatch');
    for (const { kind } of [issuer, audience, subject, cased]) expect(kind).to.equal('blocked');
  });

  it('say that application or tenant do not exist (700016, 90002)', async () => {
    const nobody = '11111111-2222-4333-8444-555555555555';
    const application = await refusal(bench.identity({ clientId: nobody }));
    expect(application).to.include({ kind: 'blocked', reason: 'ApplicationNotFound' });
    expect(application.message).to.include(nobody).and.include(bench.pretend.tenantId);
    const tenant = await refusal(bench.identity({ tenantId: nobody }));
    expect(tenant).to.include({ kind: 'blocked', reason: 'TenantNotFound' });
  });

  for (const tenantId of [
    '<my-tenant>',
    'my tenant',
    'abc/def',
    '7d1a3f0e-52c4-4b0e-9a6d-3c5e8f2b9d41\n',
    '',
  ])
    it(`blame a tenant id that is none, for store and vault: ${JSON.stringify(tenantId)}`, async () => {
      const [azure, identity] = [bench.azure(), bench.identity({ tenantId })];
      await bench.pretend.control.clearRequests();
      const store = failureOf(await azure.headPages(select('*'), identity, [], patience()));
      const vault = failureOf(await azure.readSecret({ vault: VAULT, name: 'db' }, identity, patience()));
      for (const failure of [store, vault]) {
        expect(failure).to.include({ kind: 'blocked', reason: 'TenantNotFound' });
        expect(failure.message).to.include(`${JSON.stringify(tenantId)} is no tenant id`);
        expect(failure.message).to.include('correct that of ServiceAccount shop/orders');
      }
      expect(await bench.pretend.control.requests({ service: 'entra' })).to.have.length(0);
    });

  it('tell of other ids that cannot be asked about, and are no trouble of the network', async () => {
    const failure = await refusal(bench.identity({ clientId: '' }));
    expect(failure).to.include({ kind: 'blocked', reason: 'EntraRejected' });
    expect(failure.message).to.include('check the client id');
  });

  it('say that an application is disabled (7000112)', async () => {
    const { control } = bench.pretend;
    const app = await control.createApp({ name: 'disabled' });
    await control.setAppDisabled({ clientId: app.clientId, disabled: true });
    const failure = await refusal(bench.identity({ clientId: app.clientId }));
    expect(failure).to.include({ kind: 'blocked', reason: 'EntraRejected' });
    expect(failure.message).to.include('disabled');
  });

  it('blame the audience setting when the tenant knows no such audience (500011)', async () => {
    const failure = await refusal(bench.identity(), 'https://nowhere.example');
    expect(failure).to.include({ kind: 'blocked', reason: 'AudienceNotFound' });
    expect(failure.message).to.include('https://nowhere.example');
  });

  it('blame clocks and keys for a token that is rejected (700024, 700027)', async () => {
    bench.cluster.tweaks = { expiresIn: -3600 };
    expect(await refusal(bench.identity())).to.include({ kind: 'blocked', reason: 'AssertionRejected' });
    bench.cluster.tweaks = { foreignKey: true };
    expect(await refusal(bench.identity())).to.include({ kind: 'blocked', reason: 'AssertionRejected' });
  });

  it('name the issuer that Entra cannot read (90061)', async () => {
    const { control } = bench.pretend;
    const app = await control.createApp({ name: 'elsewhere' });
    const issuer = 'https://unreachable.example';
    const subject = 'system:serviceaccount:shop:orders';
    await control.addFederatedCredential({ clientId: app.clientId, issuer, subject });
    bench.cluster.tweaks = { issuer };
    const failure = await refusal(bench.identity({ clientId: app.clientId }));
    expect(failure).to.include({ kind: 'blocked', reason: 'IssuerUnreachable' });
    expect(failure.message).to.include(issuer);
  });

  it('end, or name the issuer as it is now, when it changed and the refused token is a minute old', async () => {
    let ahead = 0;
    const clock = { ...realClock(), now: () => Date.now() + ahead };
    const identity = bench.identity() as WorkloadIdentity;
    const requester: TokenRequester = {
      requestToken: async () => {
        const token = okValue(await bench.cluster.assertion(identity));
        return { ok: true, value: { token, expiresAt: clock.now() + 3_600_000 } };
      },
    };
    const azure = bench.azure({ clock, assertions: new Assertions({ clock, requester }) });
    const look = () => azure.headPages(select('*'), identity, [], patience());
    const [old, wrong] = [`${bench.cluster.issuer}/old`, `${bench.cluster.issuer}/wrong`];
    bench.cluster.tweaks = { issuer: old };
    expect(failureOf(await look()).message).to.include(`issuer ${old},`);
    bench.cluster.tweaks = { issuer: wrong };
    ahead = 30_000;
    expect(failureOf(await look()).message).to.include(`issuer ${old},`);
    ahead = 60_000;
    expect(failureOf(await look()).message).to.include(`issuer ${wrong},`);
    bench.cluster.tweaks = {};
    ahead = 120_000;
    okValue(await look());
  });

  it('are a pause for 429 and transient for 5xx, each asked once', async () => {
    const { control } = bench.pretend;
    await control.addFault({ service: 'entra', status: 429, headers: { 'retry-after': '9' } });
    await control.clearRequests();
    expect(await refusal(bench.identity())).to.include({
      kind: 'throttled',
      reason: 'EntraThrottled',
      retryAfterMs: 9_000,
    });
    expect(await control.requests({ service: 'entra' })).to.have.length(1);
    await control.clearFaults();
    await control.addFault({ service: 'entra', status: 503 });
    expect(await refusal(bench.identity())).to.include({ kind: 'unavailable', reason: 'EntraUnavailable' });
    await control.clearFaults();
    await control.addFault({ service: 'entra', reset: true });
    const network = await refusal(bench.identity());
    expect(network).to.include({ kind: 'unavailable', reason: 'EntraUnavailable' });
    expect(network.message).to.include('ECONNRESET');
  });

  it('hold all identities of a tenant back when they are a pause, and nobody who needs no new token', async () => {
    const { control } = bench.pretend;
    const azure = bench.azure();
    const known = bench.identity();
    okValue(await azure.headPages(select('*'), known, [], patience()));
    await control.addFault({ service: 'entra', status: 429, headers: { 'retry-after': '60' } });
    await control.clearRequests();
    const strangers = [bench.identity(), bench.identity(), bench.identity()];
    for (const stranger of strangers) {
      const failure = failureOf(await azure.headPages(select('*'), stranger, [], patience()));
      expect(failure).to.include({ kind: 'throttled', reason: 'EntraThrottled' });
      expect('retryAfterMs' in failure && failure.retryAfterMs).to.be.within(50_000, 60_000);
      okValue(await azure.headPages(select('*'), known, [], patience()));
    }
    expect(await control.requests({ service: 'entra' })).to.have.length(1);
  });

  it('hold no other tenant back', async () => {
    const { control, tenantId } = bench.pretend;
    const other = bench.identity({ tenantId: '99999999-9999-4999-8999-999999999999' });
    for (const fault of [{ status: 429, headers: { 'retry-after': '60' } }, { status: 503 }]) {
      const azure = bench.azure();
      await control.addFault({ service: 'entra', path: `^/${tenantId}/`, ...fault });
      failureOf(await azure.headPages(select('*'), bench.identity(), [], patience()));
      const answer = failureOf(await azure.headPages(select('*'), other, [], patience()));
      expect(answer.reason).to.equal('TenantNotFound');
      await control.clearFaults();
    }
  });

  it('are remembered for the burst that follows', async () => {
    const { control } = bench.pretend;
    const azure = bench.azure();
    const identity = bench.identity({ serviceAccount: 'unknown' });
    await control.clearRequests();
    for (let turn = 0; turn < 5; turn += 1) {
      failureOf(await azure.readSecret({ vault: VAULT, name: 'db' }, identity, patience()));
      failureOf(await azure.headPages(select('*'), identity, [], patience()));
    }
    // One scope each for the store and the vault.
    expect(await control.requests({ service: 'entra' })).to.have.length(2);
  });

  it("pass on the cluster's own refusal as it is", async () => {
    const failure = blocked('ServiceAccountNotFound', 'ServiceAccount shop/orders does not exist');
    bench.cluster.refusal = fail(failure);
    expect(await refusal(bench.identity())).to.deep.equal(failure);
    const azure = bench.azure();
    const secret = await azure.readSecret({ vault: VAULT, name: 'db' }, bench.identity(), patience());
    expect(failureOf(secret)).to.deep.equal(failure);
  });

  it('ask for one ServiceAccount token per Entra token', async () => {
    const azure = bench.azure();
    const identity = bench.identity();
    const before = bench.cluster.calls;
    for (let turn = 0; turn < 4; turn += 1)
      okValue(await azure.headPages(select('*'), identity, [], patience()));
    expect(bench.cluster.calls - before).to.equal(1);
  });
});
