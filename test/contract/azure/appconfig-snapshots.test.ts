import { expect } from 'chai';
import { all, bodyOf, type Wire } from './wire.ts';
import { API, contosoStore, type StoreWorld, startWorld, type World } from './world.ts';

interface Snapshot {
  readonly etag: string;
  readonly status: string;
  readonly expires: string | null;
  readonly items_count: number;
}

const MERGE_PATCH = 'application/merge-patch+json';
const STORE = { store: 'contoso' } as const;

describe('App Configuration: the life of a snapshot (A.11)', () => {
  let world: World;
  let store: StoreWorld;

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    store = await contosoStore(world);
    await world.control.setSetting({ ...STORE, key: 'a', value: '1' });
  });
  after(() => world.stop());

  const put = (name: string, body: object = { filters: [{ key: '*' }] }) =>
    store.call(`/snapshots/${name}?${API}`, { method: 'PUT', body: JSON.stringify(body) });
  const get = (name: string) => store.call(`/snapshots/${name}?${API}`);
  const patch = (name: string, status: string, headers: Record<string, string> = {}) =>
    store.call(`/snapshots/${name}?${API}`, {
      method: 'PATCH',
      body: JSON.stringify({ status }),
      headers: { 'content-type': MERGE_PATCH, ...headers },
    });
  const operation = (name: string) => store.call(`/operations?snapshot=${name}&${API}`);
  const snapshotOf = (wire: Wire) => bodyOf<Snapshot>(wire);

  it('is created with 201, provisioning, and the address of its operation and of its items', async () => {
    const wire = await put('rel-1', { filters: [{ key: 'a*' }], tags: { team: 'web' }, description: 'why' });
    expect(wire.status).to.equal(201);
    expect(wire.headers['content-type']).to.equal(
      'application/vnd.microsoft.appconfig.snapshot+json; charset=utf-8',
    );
    expect(wire.headers['operation-location']).to.equal(
      'https://contoso.azconfig.io/operations?snapshot=rel-1&api-version=2026-04-01',
    );
    expect(wire.headers.link).to.equal('</kv?snapshot=rel-1&api-version=2026-04-01>; rel="items"');
    expect(bodyOf<object>(wire)).to.deep.include({
      name: 'rel-1',
      status: 'provisioning',
      filters: [{ key: 'a*', label: null, tags: null }],
      composition_type: 'key',
      retention_period: 2_592_000,
      tags: { team: 'web' },
      description: 'why',
    });
    expect(wire.headers).to.have.property('sync-token');
  });

  it('is being built as long as the control API says, and then ready with its size', async () => {
    await world.control.setClock({ freezeAt: '2026-01-01T00:00:00Z' });
    await world.control.setSnapshotBuilds({ ...STORE, buildMs: 60_000 });
    const token = await freshToken();
    const body = JSON.stringify({ filters: [{ key: '*' }] });
    await store.call(`/snapshots/rel?${API}`, { method: 'PUT', body, token });
    const running = await store.call(`/operations?snapshot=rel&${API}`, { token });
    const building = await store.call(`/snapshots/rel?${API}`, { token });
    await world.control.setClock({ advanceMs: 60_000 });
    const done = await store.call(`/operations?snapshot=rel&${API}`, { token });
    const ready = await store.call(`/snapshots/rel?${API}`, { token });
    expect([running.status, bodyOf(running), running.headers['retry-after']]).to.deep.equal([
      200,
      { id: 'rel', status: 'Running', error: null },
      '10',
    ]);
    expect(snapshotOf(building)).to.include({ status: 'provisioning', items_count: 0 });
    expect([bodyOf(done), done.headers['retry-after']]).to.deep.equal([
      { id: 'rel', status: 'Succeeded', error: null },
      undefined,
    ]);
    expect(snapshotOf(ready)).to.include({ status: 'ready', items_count: 1, expires: null });
    expect(snapshotOf(ready).etag).not.to.equal(snapshotOf(building).etag);
  });

  it('ends as failed, with the reason in its operation, and serves nothing', async () => {
    await world.control.setSnapshotBuilds({ ...STORE, failure: 'QuotaExceeded' });
    await put('rel');
    expect(snapshotOf(await get('rel')).status).to.equal('failed');
    const { status, error } = bodyOf<{ status: string; error: { code: string } }>(await operation('rel'));
    expect([status, error.code]).to.deep.equal(['Failed', 'QuotaExceeded']);
    expect(bodyOf<{ items: object[] }>(await store.call(`/kv?snapshot=rel&${API}`)).items).to.deep.equal([]);
    expect((await patch('rel', 'archived')).status).to.equal(409);
  });

  it('fails by itself above 1 MB', async () => {
    const settings = Array.from({ length: 120 }, (_, index) => ({
      key: `big-${index}`,
      value: 'x'.repeat(9_000),
    }));
    await world.control.setSettings({ ...STORE, settings });
    await put('rel');
    expect(snapshotOf(await get('rel')).status).to.equal('failed');
  });

  it('cannot be made twice, also not while the first is archived', async () => {
    await put('rel');
    const second = await put('rel');
    expect(second.status).to.equal(409);
    expect(bodyOf(second)).to.deep.equal({
      type: 'https://azconfig.io/errors/already-exists',
      title: 'The resource already exists.',
      name: 'name',
      detail: '',
      status: 409,
    });
    await patch('rel', 'archived');
    expect((await put('rel')).status).to.equal(409);
  });

  it('is archived and recovered with a new etag each time, and nothing else is possible', async () => {
    await put('rel', { filters: [{ key: '*' }], retention_period: 3_600 });
    const ready = snapshotOf(await get('rel'));
    const archived = snapshotOf(await patch('rel', 'archived'));
    expect(archived.status).to.equal('archived');
    expect(Date.parse(String(archived.expires)) - Date.now()).to.be.closeTo(3_600_000, 5_000);
    const again = await patch('rel', 'archived');
    expect(again.status).to.equal(409);
    expect(bodyOf(again)).to.deep.equal({
      type: 'https://azconfig.io/errors/invalid-state',
      title: 'Target resource state invalid.',
      detail: 'The target resource is not in a valid state to perform the requested operation.',
      status: 409,
    });
    const recovered = snapshotOf(await patch('rel', 'ready'));
    expect([recovered.status, recovered.expires]).to.deep.equal(['ready', null]);
    expect(new Set([ready.etag, archived.etag, recovered.etag]).size).to.equal(3);
    expect((await patch('rel', 'ready')).status).to.equal(409);
    const odd = await patch('rel', 'deleted');
    expect([odd.status, bodyOf<{ name: string }>(odd).name]).to.deep.equal([400, 'status']);
  });

  it('is gone when its retention has run out after archiving', async () => {
    await put('rel', { filters: [{ key: '*' }], retention_period: 3_600 });
    await patch('rel', 'archived');
    // Within the life of the token.
    await world.control.setClock({ advanceMs: 3_500_000 });
    expect((await store.call(`/snapshots/rel?${API}`, { token: await freshToken() })).status).to.equal(200);
    await world.control.setClock({ advanceMs: 200_000 });
    const token = await freshToken();
    const gone = await store.call(`/snapshots/rel?${API}`, { token });
    expect([gone.status, gone.text]).to.deep.equal([404, '']);
    const body = JSON.stringify({ filters: [{ key: '*' }] });
    expect((await store.call(`/snapshots/rel?${API}`, { method: 'PUT', body, token })).status).to.equal(201);
  });

  it('is refused for filters, retention, composition and tags out of bounds, naming the property', async () => {
    const one = [{ key: '*' }];
    const cases: [object, string][] = [
      [{}, 'filters'],
      [{ filters: [] }, 'filters'],
      [{ filters: [...one, ...one, ...one, ...one] }, 'filters'],
      [{ filters: [{ label: 'dev' }] }, 'filters'],
      [{ filters: [{ key: 'a*b' }] }, 'filters'],
      [{ filters: one, composition_type: 'all' }, 'composition_type'],
      [{ filters: one, retention_period: 3_599 }, 'retention_period'],
      [{ filters: one, retention_period: 7_776_001 }, 'retention_period'],
      [{ filters: one, tags: { a: 1 } }, 'tags'],
    ];
    for (const [body, name] of cases) {
      const wire = await put('rel', body);
      expect([wire.status, bodyOf<{ name: string }>(wire).name], JSON.stringify(body)).to.deep.equal([
        400,
        name,
      ]);
    }
  });

  it('honours conditions on reads and before the state on PATCH', async () => {
    await put('rel');
    const { headers } = await get('rel');
    const etag = String(headers.etag);
    const read = (condition: Record<string, string>) =>
      store.call(`/snapshots/rel?${API}`, { headers: condition });
    expect((await read({ 'if-none-match': etag })).status).to.equal(304);
    expect((await read({ 'if-match': '"other"' })).status).to.equal(412);
    expect((await patch('rel', 'ready', { 'if-match': '"other"' })).status).to.equal(412);
    expect((await patch('rel', 'archived', { 'if-match': etag })).status).to.equal(200);
  });

  it('is 404 without a body when it does not exist, and 405 for other verbs', async () => {
    for (const wire of [await get('none'), await operation('none'), await patch('none', 'archived')])
      expect([wire.status, wire.text]).to.deep.equal([404, '']);
    for (const [method, target] of [
      ['DELETE', '/snapshots/none'],
      ['PUT', '/snapshots'],
      ['PUT', '/operations'],
    ] as const) {
      expect((await store.call(`${target}?${API}`, { method })).status, target).to.equal(405);
    }
  });

  it('is found by name, status and selected members, without a page etag', async () => {
    for (const name of ['b1', 'a1', 'a2']) await put(name);
    await patch('a2', 'archived');
    const list = async (query: string) => {
      const wire = await store.call(`/snapshots?${API}&${query}`);
      return bodyOf<{ items: { name: string }[]; etag?: string }>(wire);
    };
    const names = async (query: string) => (await list(query)).items.map(({ name }) => name);
    expect(await names('')).to.deep.equal(['a1', 'a2', 'b1']);
    expect(await names('name=a*')).to.deep.equal(['a1', 'a2']);
    expect(await names('name=a*&status=archived')).to.deep.equal(['a2']);
    expect(await names('status=ready,archived')).to.deep.equal(['a1', 'a2', 'b1']);
    expect(await list('$select=name')).to.deep.equal({
      items: [{ name: 'a1' }, { name: 'a2' }, { name: 'b1' }],
    });
    expect((await store.call(`/snapshots?${API}&status=lost`)).status).to.equal(400);
  });

  it('is listed in pages of 100', async () => {
    for (let index = 0; index < 101; index += 1)
      await world.control.createSnapshot({ ...STORE, name: `s${1000 + index}`, filters: [{ key: 'none' }] });
    const names = (await all(store.client.listSnapshots())).map(({ name }) => name);
    expect([names.length, names[0], names[100]]).to.deep.equal([101, 's1000', 's1100']);
  });

  it('needs the role of an owner to be made or archived', async () => {
    await put('rel');
    const principal = store.app.clientId;
    await world.control.removeRole({ role: 'AppConfigurationDataOwner', principal, ...STORE });
    await world.control.assignRole({ role: 'AppConfigurationDataReader', principal, ...STORE });
    expect((await get('rel')).status).to.equal(200);
    expect((await put('other')).status).to.equal(403);
    expect((await patch('rel', 'archived')).status).to.equal(403);
  });

  it('lives through the SDK: create and wait, get, list, archive, recover', async () => {
    const { client } = store;
    const made = await client.beginCreateSnapshotAndWait(
      { name: 'rel', filters: [{ keyFilter: 'a*', labelFilter: '\0' }], retentionPeriodInSeconds: 7_200 },
      { updateIntervalInMs: 1 },
    );
    expect(made).to.include({ name: 'rel', status: 'ready', itemCount: 1, retentionPeriodInSeconds: 7_200 });
    expect((await client.getSnapshot('rel')).etag).to.equal(made.etag);
    expect((await client.archiveSnapshot('rel')).status).to.equal('archived');
    const found = await all(client.listSnapshots({ statusFilter: ['archived'] }));
    expect(found.map(({ name, expiresOn }) => [name, expiresOn instanceof Date])).to.deep.equal([
      ['rel', true],
    ]);
    expect((await client.recoverSnapshot('rel')).status).to.equal('ready');
    const error = await client.getSnapshot('none').then(
      () => undefined,
      (reason: { statusCode?: number }) => reason.statusCode,
    );
    expect(error).to.equal(404);
  });

  it('is steered by the control API, which says what is not possible', async () => {
    const { control } = world;
    const filters = [{ key: '*' }];
    expect(await control.createSnapshot({ ...STORE, name: 'rel', filters })).to.deep.equal({
      status: 'ready',
      items: 1,
    });
    await control.archiveSnapshot({ ...STORE, name: 'rel' });
    expect(snapshotOf(await get('rel')).status).to.equal('archived');
    const problem = (call: Promise<unknown>) => call.then(String, (error: Error) => error.message);
    expect(await problem(control.archiveSnapshot({ ...STORE, name: 'rel' }))).to.include(
      'while it is archived',
    );
    expect(await problem(control.createSnapshot({ ...STORE, name: 'rel', filters }))).to.include('exists');
    expect(await problem(control.recoverSnapshot({ ...STORE, name: 'none' }))).to.include('no such snapshot');
    await control.recoverSnapshot({ ...STORE, name: 'rel' });
    expect(snapshotOf(await get('rel')).status).to.equal('ready');
  });

  /** Tokens live by the pretend clock. */
  function freshToken(): Promise<string> {
    return world.control.issueToken({ clientId: store.app.clientId, audience: 'https://azconfig.io' });
  }
});
