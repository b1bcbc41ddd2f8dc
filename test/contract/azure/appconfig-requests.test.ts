import { expect } from 'chai';
import { bodyOf } from './wire.ts';
import { API, contosoStore, type StoreWorld, startWorld, type World } from './world.ts';

interface Problem {
  readonly type: string;
  readonly title: string;
  readonly name: string;
  readonly detail: string;
  readonly status: number;
}

describe('App Configuration: requests', () => {
  let world: World;
  let store: StoreWorld;

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    store = await contosoStore(world);
  });
  after(() => world.stop());

  const versionErrors = [
    { query: '', title: 'API version is not specified', detail: /required, but was not specified/ },
    {
      query: '?api-version=2020-01-01',
      title: 'Unsupported API version',
      detail: /'https:\/\/contoso\.azconfig\.io\/kv\?api-version=2020-01-01' does not support/,
    },
    {
      query: '?api-version=newest',
      title: 'Invalid API version',
      detail: /does not support the API version 'newest'/,
    },
    {
      query: '?api-version=1.0&api-version=2023-11-01',
      title: 'Ambiguous API version',
      detail: /requested: 1\.0, 2023-11-01\. At most/,
    },
  ];
  for (const { query, title, detail } of versionErrors) {
    for (const path of ['/kv', '/kv/a', '/keys']) {
      it(`answers ${path}${query} with the problem "${title}"`, async () => {
        const wire = await store.call(path + query);
        const problem = bodyOf<Problem>(wire);
        expect(wire.status).to.equal(400);
        expect(wire.headers['content-type']).to.equal('application/problem+json; charset=utf-8');
        expect(problem).to.include({
          type: 'https://azconfig.io/errors/invalid-argument',
          title,
          status: 400,
        });
        expect(problem.name).to.equal('api-version');
        if (path === '/kv') expect(problem.detail).to.match(detail);
      });
    }
  }

  it('accepts the same version given twice', async () => {
    expect((await store.call(`/kv?${API}&${API}`)).status).to.equal(200);
  });

  it('answers a verb that a route does not know with 405 and no body', async () => {
    for (const [method, target] of [
      ['POST', '/kv'],
      ['PATCH', '/kv/a'],
      ['GET', '/locks/a'],
      ['PUT', '/keys'],
    ] as const) {
      const wire = await store.call(`${target}?${API}`, { method });
      expect([wire.status, wire.text], `${method} ${target}`).to.deep.equal([405, '']);
    }
  });

  it('reads the same key from an escaped and a plain slash', async () => {
    await world.control.setSetting({ store: 'contoso', key: 'a/b', value: '1' });
    const [plain, escaped] = [await store.call(`/kv/a/b?${API}`), await store.call(`/kv/a%2Fb?${API}`)];
    expect(plain.status).to.equal(200);
    expect(escaped.text).to.equal(plain.text);
  });

  it('refuses an escaped percent sign in a key with 400 and no body', async () => {
    const wire = await store.call(`/kv/a%25b?${API}`);
    expect([wire.status, wire.text]).to.deep.equal([400, '']);
  });

  it('refuses the keys "." and ".."', async () => {
    expect((await store.call(`/kv/%2E?${API}`)).status).to.equal(400);
    expect((await store.call(`/kv/..?${API}`)).status).to.equal(400);
  });

  it('matches query parameter names without case and decoded', async () => {
    await world.control.setSetting({ store: 'contoso', key: 'a', label: 'dev', value: '1' });
    const wire = await store.call('/kv/a?API%2DVersion=2026-04-01&Label=dev');
    expect(wire.status).to.equal(200);
  });

  it('reads a plus sign in a query value as a space', async () => {
    await world.control.setSetting({ store: 'contoso', key: 'a b', value: '1' });
    const { items } = bodyOf<{ items: { key: string }[] }>(await store.call(`/kv?${API}&key=a+b`));
    expect(items.map(({ key }) => key)).to.deep.equal(['a b']);
  });

  it('returns only the selected members of a key-value and of a list', async () => {
    await world.control.setSetting({ store: 'contoso', key: 'a', value: '1' });
    const single = bodyOf<object>(await store.call(`/kv/a?${API}&%24Select=key,value`));
    const list = bodyOf<{ items: object[] }>(await store.call(`/kv?${API}&fields=etag`));
    expect(single).to.deep.equal({ key: 'a', value: '1' });
    expect(list.items.map((item) => Object.keys(item))).to.deep.equal([['etag']]);
  });

  it('writes members in the order of the service, and descriptions from 2026-04-01', async () => {
    await world.control.setSetting({ store: 'contoso', key: 'a', value: '1', description: 'why' });
    const newest = bodyOf<Record<string, unknown>>(await store.call(`/kv/a?${API}`));
    const older = bodyOf<Record<string, unknown>>(await store.call('/kv/a?api-version=2024-09-01'));
    const members = ['etag', 'key', 'label', 'content_type', 'value', 'tags', 'locked', 'last_modified'];
    expect(Object.keys(older)).to.deep.equal(members);
    expect(Object.keys(newest)).to.deep.equal([...members, 'description']);
    expect(newest.last_modified).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
  });

  it('echoes the client request id only when asked to', async () => {
    const ids = { 'x-ms-client-request-id': 'mine' };
    const silent = await store.call(`/kv?${API}`, { headers: ids });
    const headers = { ...ids, 'x-ms-return-client-request-id': 'true' };
    const echoed = await store.call(`/kv?${API}`, { headers });
    expect(silent.headers).not.to.have.property('x-ms-client-request-id');
    expect(echoed.headers['x-ms-client-request-id']).to.equal('mine');
  });
});
