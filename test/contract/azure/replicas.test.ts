import { expect } from 'chai';
import { until } from '../../../dev/cluster/wait.ts';
import { fixedToken, signedClient, storeClient } from './clients.ts';
import { all, bodyOf, send, type Wire } from './wire.ts';
import { API, contosoStore, type StoreWorld, startWorld, type World } from './world.ts';

const STORE = { store: 'contoso' } as const;
const REPLICA = 'contoso-eu';
const HOST = 'contoso-eu.azconfig.io';

describe('App Configuration: geo-replicas (A.15)', () => {
  let world: World;
  let store: StoreWorld;

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    store = await contosoStore(world);
    await world.control.createReplica({ ...STORE, name: 'eu' });
    await world.control.setSetting({ ...STORE, key: 'a', value: '1' });
  });
  after(() => world.stop());

  const there = (target = `/kv?${API}`, options: { method?: string; body?: string; token?: string } = {}) =>
    send(world.agent, HOST, target, { token: store.token, ...options });
  const values = (wire: Wire) => bodyOf<{ items: { value: string }[] }>(wire).items.map(({ value }) => value);
  const setA = (value: string) => world.control.setSetting({ ...STORE, key: 'a', value });

  it('show the content of the store and take writes to it', async () => {
    expect((await there()).text).to.equal((await store.call(`/kv?${API}`)).text);
    await there(`/kv/a?${API}`, { method: 'PUT', body: '{"value":"2"}' });
    expect(values(await store.call(`/kv?${API}`))).to.deep.equal(['2']);
  });

  it('know the roles, tokens and access keys of the store', async () => {
    const client = storeClient(world.agent, `https://${HOST}`, fixedToken(store.token));
    expect(await all(client.listConfigurationSettings())).to.have.length(1);
    const [key] = await world.control.listAccessKeys(REPLICA);
    expect(key?.connectionString).to.match(/^Endpoint=https:\/\/contoso-eu\.azconfig\.io;Id=/);
    const signed = signedClient(world.agent, key?.connectionString ?? '');
    expect(await all(signed.listConfigurationSettings())).to.have.length(1);
    const role = { role: 'AppConfigurationDataOwner', principal: store.app.clientId, ...STORE } as const;
    await world.control.removeRole(role);
    expect((await there()).status).to.equal(403);
  });

  it('fail alone: by a fault at their host, by a quota and by a network rule of their own', async () => {
    await world.control.addFault({ host: HOST, status: 503, count: 1 });
    expect((await there()).status).to.equal(503);
    await world.control.setDailyQuota({ store: REPLICA, requests: 0 });
    const throttled = await there();
    expect([throttled.status, throttled.headers['retry-after-ms'] !== undefined]).to.deep.equal([429, true]);
    await world.control.setDailyQuota({ store: REPLICA, requests: null });
    await world.control.setStoreNetwork({ store: REPLICA, access: 'denied' });
    expect((await there()).status).to.equal(403);
    expect((await store.call(`/kv?${API}`)).status).to.equal(200);
    await world.control.setStoreNetwork({ store: REPLICA, access: 'open' });
    expect((await there()).status).to.equal(200);
  });

  it('go on while the origin is down', async () => {
    await world.control.addFault({ host: store.host, reset: true });
    expect((await there()).status).to.equal(200);
  });

  it('show the store some changes ago, until they catch up', async () => {
    for (const value of ['2', '3']) await setA(value);
    await world.control.setReplica({ store: REPLICA, staleBy: 1 });
    expect(values(await there())).to.deep.equal(['2']);
    await world.control.setReplica({ store: REPLICA, staleBy: 2 });
    expect(values(await there())).to.deep.equal(['1']);
    await setA('4');
    expect(values(await there())).to.deep.equal(['2']);
    expect(values(await store.call(`/kv?${API}`))).to.deep.equal(['4']);
    await world.control.setReplica({ store: REPLICA, staleBy: 0 });
    expect(values(await there())).to.deep.equal(['4']);
  });

  it('start, when they are too far behind, from what the store remembers', async () => {
    for (let value = 0; value < 30; value += 1) await setA(String(value));
    await world.control.setReplica({ store: REPLICA, staleBy: 20 });
    expect(values(await there())).to.deep.equal(['9']);
  });

  it('do not read the sync tokens of the origin as their own', async () => {
    await world.control.setReplica({ store: REPLICA, staleBy: 1 });
    await setA('2');
    const origin = await store.call(`/kv?${API}`);
    const syncToken = String(origin.headers['sync-token']).replace(/;sn=\d+$/, '');
    const headers = { 'sync-token': syncToken };
    const stale = await send(world.agent, HOST, `/kv?${API}`, { token: store.token, headers });
    expect(values(stale)).to.deep.equal(['1']);
    expect(String(stale.headers['sync-token']).split('=')[0]).not.to.equal(syncToken.split('=')[0]);
  });

  it('make a writer see its own write through their own sync token', async () => {
    await world.control.setReplica({ store: REPLICA, staleBy: 1 });
    const client = storeClient(world.agent, `https://${HOST}`, fixedToken(store.token));
    await client.setConfigurationSetting({ key: 'a', value: 'mine' });
    expect((await client.getConfigurationSetting({ key: 'a' })).value).to.equal('mine');
    expect(values(await there())).to.deep.equal(['1']);
  });

  it('have page etags of their own when asked to', async () => {
    const etags = async () => [(await store.call(`/kv?${API}`)).headers.etag, (await there()).headers.etag];
    expect(new Set(await etags()).size).to.equal(1);
    await world.control.setReplica({ store: REPLICA, ownPageEtags: true });
    expect(new Set(await etags()).size).to.equal(2);
  });

  it('vanish without a word: new connections and open ones get no answer', async () => {
    expect((await there()).status).to.equal(200);
    await world.control.setStoreNetwork({ store: REPLICA, access: 'black-hole' });
    await world.control.clearRequests();
    const open = there().catch((error: Error) => error.message);
    const client = storeClient(world.agent, `https://${HOST}`, fixedToken(store.token));
    const controller = new AbortController();
    const fresh = client
      .getConfigurationSetting({ key: 'a' }, { abortSignal: controller.signal })
      .then(String, (error: Error) => error.name);
    await seen(2);
    expect((await store.call(`/kv?${API}`)).status).to.equal(200);
    controller.abort();
    expect(await fresh).to.equal('AbortError');
    world.agent.destroy();
    expect(await open).to.be.a('string');
    const log = await world.control.requests({ host: HOST });
    expect(new Set(log.map(({ status }) => status))).to.deep.equal(new Set([0]));
  });

  it('cannot take a host that exists, and disappear with their store or alone', async () => {
    const { control } = world;
    const problem = (call: Promise<unknown>) => call.then(String, (error: Error) => error.message);
    expect(await problem(control.createReplica({ ...STORE, name: 'eu' }))).to.include('exists already');
    expect(await problem(control.deleteReplica('contoso'))).to.include('not a replica');
    await control.createReplica({ ...STORE, name: 'us' });
    await control.deleteReplica('contoso-us');
    expect(await problem(send(world.agent, 'contoso-us.azconfig.io', '/'))).to.include('502');
    await control.deleteStore('contoso');
    expect(await problem(control.setReplica({ store: REPLICA, staleBy: 1 }))).to.include(
      'no such store or replica',
    );
  });

  /** Waits until so many requests or connections have reached the replica's host. */
  function seen(count: number): Promise<boolean> {
    const arrived = async () => (await world.control.requests({ host: HOST })).length >= count;
    return until(arrived, { what: `${count} calls of the replica`, deadlineMs: 30_000, everyMs: 5 });
  }
});
