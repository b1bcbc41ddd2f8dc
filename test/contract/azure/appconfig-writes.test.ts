import { expect } from 'chai';
import { bodyOf } from './wire.ts';
import { API, contosoStore, type StoreWorld, startWorld, type World } from './world.ts';

interface Kv {
  readonly etag: string;
  readonly label: string | null;
  readonly value: string | null;
  readonly last_modified: string;
}

describe('App Configuration: single key-values and writes', () => {
  let world: World;
  let store: StoreWorld;
  const put = (target: string, body: unknown, headers: Record<string, string> = {}) =>
    store.call(`${target}${target.includes('?') ? '&' : '?'}${API}`, {
      method: 'PUT',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    store = await contosoStore(world);
  });
  after(() => world.stop());

  it('creates with 200, replaces with a new etag, and keeps the etag of an identical PUT', async () => {
    const created = await put('/kv/a', { value: '1' });
    const repeated = bodyOf<Kv>(await put('/kv/a', { value: '1' }));
    const replaced = bodyOf<Kv>(await put('/kv/a', { value: '2' }));
    expect(created.status).to.equal(200);
    expect(created.headers['content-type']).to.equal(
      'application/vnd.microsoft.appconfig.kv+json; charset=utf-8',
    );
    expect(created.headers.etag).to.equal(`"${bodyOf<Kv>(created).etag}"`);
    expect(repeated.etag).to.equal(bodyOf<Kv>(created).etag);
    expect(replaced.etag).not.to.equal(repeated.etag);
  });

  it('treats an omitted, an empty and a %00 label as no label, and never stores an empty one', async () => {
    for (const query of ['', '?label=', '?label=%00']) await put(`/kv/a${query}`, { value: query });
    const { items } = bodyOf<{ items: Kv[] }>(await store.call(`/kv?${API}`));
    expect(items.map(({ label, value }) => [label, value])).to.deep.equal([[null, '?label=%00']]);
  });

  it('ignores the label in the body: the query counts', async () => {
    const kv = bodyOf<Kv>(await put('/kv/a?label=dev', { value: '1', label: 'prod' }));
    expect(kv.label).to.equal('dev');
  });

  it('refuses more than 10 KB, long names and control characters, naming the property', async () => {
    const long = 'x'.repeat(257);
    const cases: [string, unknown, string][] = [
      ['/kv/a', { value: 'x'.repeat(10 * 1024) }, 'value'],
      [`/kv/${long}`, { value: '' }, 'key'],
      [`/kv/a?label=${long}`, { value: '' }, 'label'],
      ['/kv/a%07', { value: '' }, 'key'],
      ['/kv/a', { value: 7 }, 'value'],
      ['/kv/a', { content_type: 'a\u0007' }, 'content_type'],
      ['/kv/a', { tags: { t: 1 } }, 'tags'],
    ];
    for (const [target, body, name] of cases) {
      const wire = await put(target, body);
      expect(wire.status, target).to.equal(400);
      expect(bodyOf<{ name: string }>(wire).name).to.equal(name);
    }
  });

  it('refuses writes to a locked key with 409, but a failed precondition wins with 412', async () => {
    await put('/kv/a', { value: '1' });
    const locked = await store.call(`/locks/a?${API}`, { method: 'PUT' });
    expect(bodyOf<{ locked: boolean }>(locked).locked).to.equal(true);
    const refused = await put('/kv/a', { value: '2' });
    expect(refused.status).to.equal(409);
    expect(bodyOf(refused)).to.deep.equal({
      type: 'https://azconfig.io/errors/key-locked',
      title: "Modifing key 'a' is not allowed",
      name: 'a',
      detail: 'The key is read-only. To allow modification unlock it first.',
      status: 409,
    });
    expect((await store.call(`/kv/a?${API}`, { method: 'DELETE' })).status).to.equal(409);
    expect((await put('/kv/a', { value: '2' }, { 'if-match': '"other"' })).status).to.equal(412);
    await store.call(`/locks/a?${API}`, { method: 'DELETE' });
    expect((await put('/kv/a', { value: '2' })).status).to.equal(200);
  });

  it('answers the lock of a missing key with 404', async () => {
    expect((await store.call(`/locks/a?${API}`, { method: 'PUT' })).status).to.equal(404);
  });

  it('deletes with 200 and the last representation, then with 204', async () => {
    await put('/kv/a', { value: '1' });
    const first = await store.call(`/kv/a?${API}`, { method: 'DELETE' });
    const second = await store.call(`/kv/a?${API}`, { method: 'DELETE' });
    expect([first.status, bodyOf<Kv>(first).value]).to.deep.equal([200, '1']);
    expect([second.status, second.text]).to.deep.equal([204, '']);
  });

  it('answers a read with 304, 412 or 404 as its condition and the key ask for', async () => {
    const { etag } = bodyOf<Kv>(await put('/kv/a', { value: '1' }));
    const read = (target: string, headers: Record<string, string>) =>
      store.call(`${target}?${API}`, { headers });
    const unchanged = await read('/kv/a', { 'if-none-match': `"${etag}"` });
    expect([unchanged.status, unchanged.text]).to.deep.equal([304, '']);
    expect(unchanged.headers).to.have.property('sync-token');
    expect((await read('/kv/a', { 'if-none-match': `W/"${etag}"` })).status).to.equal(304);
    expect((await read('/kv/a', { 'if-none-match': '"other"' })).status).to.equal(200);
    expect((await read('/kv/a', { 'if-match': '"other"' })).status).to.equal(412);
    const absent = await read('/kv/b', { 'if-none-match': '*' });
    expect([absent.status, absent.text]).to.deep.equal([404, '']);
  });

  it('answers HEAD like GET, without the body', async () => {
    await put('/kv/a', { value: '1' });
    const get = await store.call(`/kv/a?${API}`);
    const head = await store.call(`/kv/a?${API}`, { method: 'HEAD' });
    expect(head.text).to.equal('');
    for (const name of ['etag', 'content-type', 'last-modified', 'sync-token', 'content-length']) {
      expect(head.headers[name], name).to.equal(get.headers[name]);
    }
  });

  it('lets the SDK add once, set conditionally and read only if changed', async () => {
    const { client } = store;
    const added = await client.addConfigurationSetting({ key: 'a/b c', label: 'dev', value: '1' });
    const again = await client.addConfigurationSetting({ key: 'a/b c', label: 'dev', value: '2' }).then(
      () => 'added',
      (error: { statusCode?: number }) => error.statusCode,
    );
    const unchanged = await client.getConfigurationSetting(added, { onlyIfChanged: true });
    const stale = await client
      .setConfigurationSetting({ ...added, value: '3', etag: 'stale' }, { onlyIfUnchanged: true })
      .then(
        () => 'set',
        (error: { statusCode?: number }) => error.statusCode,
      );
    expect([again, unchanged.statusCode, stale]).to.deep.equal([412, 304, 412]);
    expect((await client.deleteConfigurationSetting(added)).statusCode).to.equal(200);
    expect((await client.deleteConfigurationSetting(added)).statusCode).to.equal(204);
  });

  it('lets the SDK lock and unlock', async () => {
    const { client } = store;
    await client.setConfigurationSetting({ key: 'a', value: '1' });
    expect((await client.setReadOnly({ key: 'a' }, true)).isReadOnly).to.equal(true);
    expect((await client.setReadOnly({ key: 'a' }, false)).isReadOnly).to.equal(false);
  });
});
