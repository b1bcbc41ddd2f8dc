import { expect } from 'chai';
import { fixedToken, storeClient } from './clients.ts';
import { bodyOf } from './wire.ts';
import { API, contosoStore, type StoreWorld, startWorld, type World } from './world.ts';

describe('App Configuration: throttling and faults', () => {
  let world: World;
  let store: StoreWorld;
  const status = () => store.call(`/kv?${API}`).then((wire) => wire.status);

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    store = await contosoStore(world);
  });
  after(() => world.stop());

  it('answers 429 with retry-after-ms and the quota problem, and the SDK retries', async () => {
    const fault = { service: 'appconfig', status: 429, headers: { 'retry-after-ms': '5' } } as const;
    await world.control.addFault({ ...fault, count: 1 });
    const wire = await store.call(`/kv?${API}`);
    expect([wire.status, wire.headers['retry-after-ms']]).to.deep.equal([429, '5']);
    expect(bodyOf(wire)).to.deep.equal({
      type: 'https://azconfig.io/errors/too-many-requests',
      title: 'Resource utilization has surpassed the assigned quota',
      policy: 'Total Requests',
      status: 429,
    });
    await world.control.setSetting({ store: 'contoso', key: 'a', value: '1' });
    await world.control.addFault({ ...fault, count: 2 });
    const client = storeClient(world.agent, `https://${store.host}`, fixedToken(store.token), 3);
    expect((await client.getConfigurationSetting({ key: 'a' })).value).to.equal('1');
    const statuses = (await world.control.requests({ path: '^/kv/a' })).map((record) => record.status);
    expect(statuses).to.deep.equal([429, 429, 200]);
  });

  it('answers 429 without retry-after-ms, which the SDK does not retry', async () => {
    await world.control.addFault({ status: 429 });
    const client = storeClient(world.agent, `https://${store.host}`, fixedToken(store.token), 3);
    const outcome = await client.getConfigurationSetting({ key: 'a' }).then(
      () => 'read',
      (error: { statusCode?: number }) => error.statusCode,
    );
    expect(outcome).to.equal(429);
    expect(await world.control.requests({ service: 'appconfig' })).to.have.length(1);
  });

  it('answers 503 with retry-after-ms', async () => {
    await world.control.addFault({ status: 503, headers: { 'Retry-After-Ms': '7' }, count: 1 });
    const wire = await store.call(`/kv?${API}`);
    expect([wire.status, wire.headers['retry-after-ms']]).to.deep.equal([503, '7']);
    expect(await status()).to.equal(200);
  });

  it('resets a connection and answers on the next', async () => {
    await world.control.addFault({ reset: true, count: 1 });
    const outcome = await status().catch((error: NodeJS.ErrnoException) => error.code);
    expect(outcome).to.equal('ECONNRESET');
    expect(await status()).to.equal(200);
    const log = await world.control.requests({ service: 'appconfig' });
    expect(log.map((record) => record.status)).to.deep.equal([0, 200]);
  });

  it('leaves a request hanging until the client gives up', async () => {
    await world.control.addFault({ hang: true, count: 1 });
    const outcome = await store.client
      .getConfigurationSetting({ key: 'a' }, { abortSignal: AbortSignal.timeout(50) })
      .catch((error: Error) => error.name);
    expect(outcome).to.equal('AbortError');
  });

  it('delays an answer or only its body, and then answers truly', async () => {
    await world.control.addFault({ delayMs: 30, bodyDelayMs: 30, count: 1 });
    const started = performance.now();
    expect(await status()).to.equal(200);
    expect(performance.now() - started).to.be.greaterThan(55);
  });

  it('applies a fault only to what it names, after the requests it skips, as often as it counts', async () => {
    await world.control.createStore({ name: 'other' });
    await world.control.addFault({ host: 'other.azconfig.io', status: 500 });
    await world.control.addFault({ method: 'HEAD', status: 500 });
    await world.control.addFault({ path: '^/keys', status: 500 });
    const id = await world.control.addFault({ path: '^/kv', status: 500, skip: 1, count: 2 });
    expect([await status(), await status(), await status(), await status()]).to.deep.equal([
      200, 500, 500, 200,
    ]);
    const faults = await world.control.listFaults();
    expect(faults.map(({ hits }) => hits)).to.deep.equal([0, 0, 0, 2]);
    const [hit] = await world.control.requests({ status: 500 });
    expect(hit?.fault).to.equal(id);
    expect(await world.control.removeFault(id)).to.deep.equal({ removed: true });
  });

  it('refuses a Free store that used its daily quota until 00:00 UTC', async () => {
    await world.control.setClock({ freezeAt: '2026-11-22T23:00:00Z' });
    const token = await world.control.issueToken({
      clientId: store.app.clientId,
      audience: 'https://azconfig.io',
      lifetimeSeconds: 24 * 3600,
    });
    await world.control.setDailyQuota({ store: 'contoso', requests: 2 });
    const call = () => store.call(`/kv?${API}`, { token });
    expect([(await call()).status, (await call()).status]).to.deep.equal([200, 200]);
    const refused = await call();
    expect([refused.status, refused.headers['retry-after-ms']]).to.deep.equal([429, '3600000']);
    await world.control.setClock({ advanceMs: 3_600_000 });
    expect((await call()).status).to.equal(200);
  });
});
