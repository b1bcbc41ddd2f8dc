import { expect } from 'chai';
import { until } from '../../../dev/cluster/wait.ts';
import { DEFAULT_STORE_PAUSE_MS } from '../../../src/adapters/azure/store-errors.ts';
import { type Bench, failureOf, okValue, patience, select, startBench } from './bench.ts';

describe('refusals of App Configuration', () => {
  let bench: Bench;

  before(async () => {
    bench = await startBench();
    await bench.pretend.control.setSetting({ store: 'shop', key: 'a', value: '1' });
  });
  after(() => bench.stop());
  afterEach(() => bench.pretend.control.clearFaults());

  const head = (identity = bench.identity(), selection = select('*')) =>
    bench.azure().headPages(selection, identity, [], patience());

  it('name the role that is missing, and where', async () => {
    const { control } = bench.pretend;
    const app = await control.createApp({ name: 'stranger' });
    await control.addFederatedCredential({
      clientId: app.clientId,
      issuer: bench.cluster.issuer,
      subject: 'system:serviceaccount:shop:orders',
    });
    await control.clearRequests();
    const failure = failureOf(await head(bench.identity({ clientId: app.clientId })));
    expect(failure).to.include({ kind: 'blocked', reason: 'StoreForbidden' });
    expect(failure.message).to.include(
      `grant App Configuration Data Reader on https://shop.azconfig.io to client ${app.clientId}`,
    );
    const requests = await control.requests({ service: 'appconfig' });
    expect(requests.map(({ method }) => method)).to.deep.equal(['HEAD', 'GET']);
  });

  it('tell a network rule from a missing role', async () => {
    await bench.pretend.control.setStoreNetwork({ store: 'shop', access: 'denied' });
    const failure = failureOf(await head());
    await bench.pretend.control.setStoreNetwork({ store: 'shop', access: 'open' });
    expect(failure).to.include({ kind: 'blocked', reason: 'StoreFirewall' });
  });

  it('say that the tenants differ when the token is of another tenant', async () => {
    const { control } = bench.pretend;
    const tenant = await control.createTenant({});
    const app = await control.createApp({ name: 'foreign', tenantId: tenant.id });
    await control.addFederatedCredential({
      clientId: app.clientId,
      issuer: bench.cluster.issuer,
      subject: 'system:serviceaccount:shop:orders',
    });
    const failure = failureOf(await head(bench.identity({ clientId: app.clientId, tenantId: tenant.id })));
    expect(failure).to.include({ kind: 'blocked', reason: 'StoreUnauthorized' });
    expect(failure.message).to.include(tenant.id);
  });

  it('give the pause of a 429 in milliseconds, in seconds, as a date, or a default', async () => {
    const { control } = bench.pretend;
    const pauseFor = async (headers: Record<string, string>) => {
      await control.addFault({ service: 'appconfig', status: 429, headers, count: 1 });
      const failure = failureOf(await head());
      expect(failure).to.include({ kind: 'throttled', reason: 'StoreThrottled' });
      return 'retryAfterMs' in failure ? failure.retryAfterMs : undefined;
    };
    expect(await pauseFor({ 'retry-after-ms': '1234' })).to.equal(1234);
    expect(await pauseFor({ 'retry-after': '7' })).to.equal(7_000);
    expect(await pauseFor({})).to.equal(DEFAULT_STORE_PAUSE_MS);
    expect(await pauseFor({ 'x-ms-retry-after-ms': '2345' })).to.equal(2_345);
    const inOneMinute = new Date(Date.now() + 60_000).toUTCString();
    expect(await pauseFor({ 'retry-after': inOneMinute })).to.be.within(50_000, 60_000);
    expect(await pauseFor({ 'retry-after-ms': '86400000' })).to.equal(300_000);
  });

  it('are transient for 5xx, and never repeated by the SDK', async () => {
    const { control } = bench.pretend;
    for (const status of [500, 502, 503, 504]) {
      await control.addFault({ service: 'appconfig', status, count: 1 });
      await control.clearRequests();
      expect(failureOf(await head())).to.include({ kind: 'unavailable', reason: 'StoreUnreachable' });
      expect(await control.requests({ service: 'appconfig' })).to.have.length(1);
    }
  });

  it('survive one connection closed under the request, and report two', async () => {
    const { control } = bench.pretend;
    await control.addFault({ service: 'appconfig', reset: true, count: 1 });
    okValue(await head());
    await control.clearFaults();
    await control.addFault({ service: 'appconfig', reset: true });
    expect(failureOf(await head())).to.include({ kind: 'unavailable', reason: 'StoreUnreachable' });
  });

  it('end by a deadline when the store never answers', async () => {
    await bench.pretend.control.addFault({ service: 'appconfig', hang: true });
    const azure = bench.azure({ speed: 10 });
    const failure = failureOf(await azure.headPages(select('*'), bench.identity(), [], patience()));
    expect(failure).to.include({ kind: 'unavailable', reason: 'StoreUnreachable' });
    expect(failure.message).to.include('no answer in time');
  });

  it('end by a deadline when the body never ends', async () => {
    await bench.pretend.control.addFault({
      service: 'appconfig',
      status: 200,
      body: '{}',
      bodyDelayMs: 60_000,
    });
    const azure = bench.azure({ speed: 10 });
    const failure = failureOf(await azure.readPages(select('*'), bench.identity(), patience()));
    expect(failure).to.include({ kind: 'unavailable', reason: 'StoreUnreachable' });
  });

  it('do not follow redirects, nor show them a token', async () => {
    const { control } = bench.pretend;
    for (const status of [301, 302, 307, 308]) {
      await control.addFault({
        service: 'appconfig',
        status,
        count: 1,
        headers: { location: 'https://shop.azconfig.io/elsewhere' },
      });
      await control.clearRequests();
      const failure = failureOf(await bench.azure().readPages(select('*'), bench.identity(), patience()));
      expect(failure).to.include({ kind: 'blocked', reason: 'StoreRejected' });
      expect(await control.requests({ service: 'appconfig' })).to.have.length(1);
    }
  });

  it('name the endpoint when there is no such store', async () => {
    const failure = failureOf(await head(bench.identity(), select('*', null, 'https://missing.azconfig.io')));
    expect(failure.kind).to.equal('unavailable');
    expect(failure.message).to.include('https://missing.azconfig.io').and.include('proxy');
  });

  it('are a cancellation when the caller has given up', async () => {
    const azure = bench.azure();
    const leave = new AbortController();
    await bench.pretend.control.addFault({ service: 'appconfig', hang: true, count: 1 });
    const read = azure.headPages(select('*'), bench.identity(), [], leave.signal);
    const hangs = async () => (await bench.pretend.control.listFaults()).some(({ hits }) => hits > 0);
    await until(hangs, { what: 'the request to hang' });
    leave.abort();
    expect(await read).to.deep.equal({ ok: false, failure: { kind: 'cancelled' } });
  });

  it('never quote what the server says', async () => {
    const { control } = bench.pretend;
    for (const status of [400, 401, 403, 404, 409, 418, 429, 500]) {
      await control.addFault({
        service: 'appconfig',
        status,
        body: JSON.stringify({ title: 'canary', detail: 'canary', name: 'canary', type: 'canary' }),
        headers: { 'content-type': 'application/problem+json', 'www-authenticate': 'Bearer error="canary"' },
      });
      const failure = failureOf(await bench.azure().readPages(select('*'), bench.identity(), patience()));
      expect(JSON.stringify(failure)).not.to.include('canary');
      await control.clearFaults();
    }
  });
});
