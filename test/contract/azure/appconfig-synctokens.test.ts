import { expect } from 'chai';
import { bodyOf } from './wire.ts';
import { API, contosoStore, type StoreWorld, startWorld, type World } from './world.ts';

describe('App Configuration: sync tokens', () => {
  let world: World;
  let store: StoreWorld;

  const tokenOf = (value: unknown) => /^([^=]+=[^;]+);sn=(\d+)$/.exec(String(value));
  const read = async (token?: string) => {
    const wire = await store.call(`/kv/a?${API}`, {
      headers: token === undefined ? {} : { 'sync-token': token },
    });
    return bodyOf<{ value: string }>(wire).value;
  };

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    store = await contosoStore(world);
  });
  after(() => world.stop());

  it('come with 200, 304, 400, 401, 403, 404, 405 and 429, but not with 503', async () => {
    await world.control.setSetting({ store: 'contoso', key: 'a', value: '1' });
    const { headers } = await store.call(`/kv?${API}`);
    const seen = [
      await store.call(`/kv?${API}`),
      await store.call(`/kv?${API}`, { headers: { 'if-none-match': String(headers.etag) } }),
      await store.call('/kv'),
      await store.call(`/kv?${API}`, { token: 'nonsense' }),
      await store.call(`/kv/none?${API}`),
    ];
    await world.control.addFault({ status: 429, count: 1 });
    seen.push(await store.call(`/kv?${API}`));
    expect(seen.map(({ status }) => status)).to.deep.equal([200, 304, 400, 401, 404, 429]);
    for (const wire of seen)
      expect(tokenOf(wire.headers['sync-token']), String(wire.status)).not.to.equal(null);
    await world.control.addFault({ status: 503, count: 1 });
    expect((await store.call(`/kv?${API}`)).headers).not.to.have.property('sync-token');
  });

  it('rise with every write', async () => {
    const numbers: number[] = [];
    for (const value of ['1', '2', '3']) {
      const method = 'PUT';
      const wire = await store.call(`/kv/a?${API}`, { method, body: JSON.stringify({ value }) });
      numbers.push(Number(tokenOf(wire.headers['sync-token'])?.[2]));
    }
    expect(numbers).to.deep.equal([...new Set(numbers)].sort((a, b) => a - b));
    expect(numbers).to.have.length(3);
  });

  it('show a write that readers without a token do not see yet', async () => {
    await world.control.setSetting({ store: 'contoso', key: 'a', value: 'old' });
    await world.control.setHiddenWrites({ store: 'contoso', ms: 5_000 });
    const wire = await store.call(`/kv/a?${API}`, { method: 'PUT', body: JSON.stringify({ value: 'new' }) });
    const token = tokenOf(wire.headers['sync-token'])?.[1] ?? '';
    expect(await read()).to.equal('old');
    expect(await read(token)).to.equal('new');
    expect(await read(`other=MA==,${token}`)).to.equal('new');
    await world.control.setClock({ advanceMs: 5_001 });
    expect(await read()).to.equal('new');
  });

  it('that are older, foreign or malformed change nothing', async () => {
    const old = await store.call(`/kv?${API}`);
    await world.control.setSetting({ store: 'contoso', key: 'a', value: '1' });
    const token = tokenOf(old.headers['sync-token'])?.[1] ?? '';
    for (const given of [token, 'other=MA==', 'nonsense']) expect(await read(given)).to.equal('1');
  });

  it('make the SDK read its own hidden writes', async () => {
    await world.control.setHiddenWrites({ store: 'contoso', ms: 60_000 });
    await store.client.setConfigurationSetting({ key: 'a', value: 'mine' });
    expect((await store.client.getConfigurationSetting({ key: 'a' })).value).to.equal('mine');
    expect((await store.call(`/kv/a?${API}`)).status).to.equal(404);
  });
});
