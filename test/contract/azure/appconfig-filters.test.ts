import { expect } from 'chai';
import { all, bodyOf, send } from './wire.ts';
import { API, contosoStore, type StoreWorld, startWorld, type World } from './world.ts';

interface List {
  readonly items: { key: string; label: string | null }[];
}

describe('App Configuration: filters and order', () => {
  let world: World;
  let store: StoreWorld;

  const list = async (query: string) => {
    const wire = await store.call(`/kv?${API}&${query}`);
    expect(wire.status, wire.text).to.equal(200);
    return bodyOf<List>(wire).items;
  };
  const keys = async (query: string) => (await list(query)).map(({ key }) => key);
  const refused = async (query: string) => {
    const wire = await store.call(`/kv?${API}&${query}`);
    expect(wire.status, query).to.equal(400);
    return bodyOf<{ name: string; type: string }>(wire);
  };

  before(async () => {
    world = await startWorld();
    store = await contosoStore(world);
    const names = ['a', 'a,b', 'a*', 'a\\b', 'ab', 'abc', 'b', 'B', 'c', 'd', 'e'];
    await world.control.setSettings({
      store: 'contoso',
      settings: [
        ...names.map((key) => ({ key, value: '' })),
        { key: 'b', label: 'dev', value: '' },
        { key: 'b', label: 'Prod', value: '' },
        { key: 'c', label: 'a,b', value: '' },
        { key: 'tagged', value: '', tags: { env: 'prod', team: 'web', 'a=b': 'c=d', none: null, empty: '' } },
        { key: 'tagged2', value: '', tags: { env: 'Prod' } },
      ],
    });
  });
  after(() => world.stop());

  it('takes an omitted, an empty and a starred filter as any', async () => {
    const every = await keys('');
    expect(every).to.have.length(16);
    for (const query of ['key=', 'key=*', 'key=*bc', 'label=*'])
      expect(await keys(query), query).to.deep.equal(every);
  });

  it('matches exactly, by prefix and by a list of five', async () => {
    expect(await keys('key=ab')).to.deep.equal(['ab']);
    expect(await keys('key=ab*')).to.deep.equal(['ab', 'abc']);
    expect(await keys('key=e,d,a,ab,zz&label=%00')).to.deep.equal(['a', 'ab', 'd', 'e']);
  });

  it('refuses a list of six', async () => {
    expect((await refused('key=a,b,c,d,e,f')).name).to.equal('key');
    expect((await refused('label=a,b,c,d,e,f')).name).to.equal('label');
  });

  it('finds settings without a label by %00, alone and inside a list', async () => {
    expect((await list('key=b&label=%00')).map(({ label }) => label)).to.deep.equal([null]);
    expect((await list('key=b&label=%00,dev')).map(({ label }) => label)).to.deep.equal([null, 'dev']);
  });

  it('reads escaped reserved characters as themselves', async () => {
    expect(await keys('key=a%5C,b')).to.deep.equal(['a,b']);
    expect(await keys('key=a%5C*')).to.deep.equal(['a*']);
    expect(await keys('key=a%5C%5Cb')).to.deep.equal(['a\\b']);
    expect(await keys('key=%5Ca%5Cb')).to.deep.equal(['ab']);
    expect(await keys('key=a%5C%5C*')).to.deep.equal(['a\\b']);
    expect((await list('label=a%5C,b')).map(({ key }) => key)).to.deep.equal(['c']);
  });

  it('refuses a reserved character that is left over', async () => {
    for (const query of ['key=a*b', 'key=a*,b', 'key=a**', 'label=x*y']) {
      const problem = await refused(query);
      expect(problem.type).to.equal('https://azconfig.io/errors/invalid-argument');
      expect(problem.name).to.equal(query.slice(0, query.indexOf('=')));
    }
  });

  it('orders by key in code units, then by label, the null label first, whatever the order of the list', async () => {
    const ordered = (await list('key=b,B')).map(({ key, label }) => [key, label]);
    expect(ordered).to.deep.equal([
      ['B', null],
      ['b', null],
      ['b', 'Prod'],
      ['b', 'dev'],
    ]);
    expect(await list('key=B,b')).to.deep.equal(await list('key=b,B'));
  });

  it('combines tag filters, compares them with case and reads null, empty and escaped values', async () => {
    expect(await keys('tags=env%3Dprod')).to.deep.equal(['tagged']);
    expect(await keys('tags=env%3Dprod&tags=team%3Dapi')).to.deep.equal([]);
    expect(await keys('tags=none%3D%00&tags=empty%3D')).to.deep.equal(['tagged']);
    expect(await keys(`tags=${encodeURIComponent('a\\=b=c\\=d')}`)).to.deep.equal(['tagged']);
  });

  it('refuses six tag filters and an empty tag name, and ignores tags before 2023-11-01', async () => {
    expect((await refused('tags=a%3D1&'.repeat(6))).name).to.equal('tags');
    expect((await refused('tags=%3Dx')).name).to.equal('tags');
    const old = await store.call('/kv?api-version=2023-10-01&tags=env%3Dprod');
    expect(bodyOf<List>(old).items).to.have.length(16);
  });

  it('writes refusals as problems of which type, name and status can be relied on', async () => {
    const wire = await store.call(`/kv?${API}&key=a*b`);
    expect(wire.headers['content-type']).to.equal('application/problem+json; charset=utf-8');
    expect(bodyOf(wire)).to.deep.equal({
      type: 'https://azconfig.io/errors/invalid-argument',
      title: "Invalid request parameter 'key'",
      name: 'key',
      detail: 'Invalid character',
      status: 400,
    });
    const many = await store.call(`/kv?${API}&label=a,b,c,d,e,f`);
    expect(bodyOf<{ detail: string }>(many).detail).to.equal('Too many values. Maximum supported is 5');
  });

  it('reads tag filters by their grammar: the first unescaped "=" separates, reserved characters need "\\\\"', async () => {
    const texts = ['env=a=b', 'env=a,b', 'env=a*', 'e*v=a', 'e,v=a'];
    for (const text of texts)
      expect((await refused(`tags=${encodeURIComponent(text)}`)).name, text).to.equal('tags');
    expect(await keys(`tags=${encodeURIComponent('env=\\prod')}`)).to.deep.equal(['tagged']);
    expect(await keys(`tags=${encodeURIComponent('none=')}`)).to.deep.equal([]);
    expect(await keys('tags=env')).to.deep.equal([]);
  });

  it('treats key and label of a single call as literals', async () => {
    expect((await store.call(`/kv/a*?${API}`)).status).to.equal(200);
    expect((await store.call(`/kv/a%2Cb?${API}`)).status).to.equal(200);
    expect((await store.call(`/kv/c?${API}&label=a,b`)).status).to.equal(200);
    expect((await store.call(`/kv/c?${API}&label=*`)).status).to.equal(404);
  });

  it('lets the SDK filter by key, label and tags, and list labels', async () => {
    const { client } = store;
    const found = await all(client.listConfigurationSettings({ keyFilter: 'b', labelFilter: 'dev,Prod' }));
    expect(found.map(({ label }) => label)).to.deep.equal(['Prod', 'dev']);
    const tagged = await all(client.listConfigurationSettings({ tagsFilter: ['env=prod', 'team=web'] }));
    expect(tagged.map(({ key }) => key)).to.deep.equal(['tagged']);
    const labels = await all(client.listLabels());
    expect(labels.map(({ name }) => name ?? null)).to.deep.equal([null, 'Prod', 'a,b', 'dev']);
  });

  it('lists feature flags and references like any setting: by any filter that matches their key', async () => {
    const { control } = world;
    await control.createStore({ name: 'flags' });
    const role = 'AppConfigurationDataReader';
    await control.assignRole({ role, principal: store.app.clientId, store: 'flags' });
    const flag = '.appconfig.featureflag/Beta';
    const contentType = 'application/vnd.microsoft.appconfig.ff+json;charset=utf-8';
    await control.setSetting({
      store: 'flags',
      key: flag,
      contentType,
      value: '{"id":"Beta","enabled":true}',
    });
    await control.setSetting({ store: 'flags', key: 'app:color', value: 'red' });
    const found = async (filter: string) => {
      const target = `/kv?${API}&key=${encodeURIComponent(filter)}`;
      const wire = await send(world.agent, 'flags.azconfig.io', target, { token: store.token });
      return bodyOf<List>(wire).items.map(({ key }) => key);
    };
    expect(await found('.appconfig.featureflag/*')).to.deep.equal([flag]);
    expect(await found('app*')).to.deep.equal(['app:color']);
    expect(await found('*')).to.deep.equal([flag, 'app:color']);
  });

  it('lists distinct keys', async () => {
    const wire = await store.call(`/keys?${API}&name=b*`);
    expect(wire.headers['content-type']).to.equal(
      'application/vnd.microsoft.appconfig.keyset+json; charset=utf-8',
    );
    expect(bodyOf<{ items: { name: string }[] }>(wire).items).to.deep.equal([{ name: 'b' }]);
  });
});
