import { isSnapshotReference, parseSnapshotReference } from '@azure/app-configuration';
import { expect } from 'chai';
import { all, bodyOf } from './wire.ts';
import { API, contosoStore, type StoreWorld, startWorld, type World } from './world.ts';

interface List {
  readonly etag?: string;
  readonly items: { key: string; label: string | null; value: string }[];
}

const STORE = { store: 'contoso' } as const;

describe('App Configuration: what a snapshot holds (A.11)', () => {
  let world: World;
  let store: StoreWorld;

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    store = await contosoStore(world);
    await world.control.setSettings({
      ...STORE,
      settings: [
        { key: 'app:color', value: 'base' },
        { key: 'app:color', label: 'prod', value: 'prod' },
        { key: 'app:size', value: 'base', tags: { team: 'web' } },
        { key: 'other', value: 'x' },
      ],
    });
  });
  after(() => world.stop());

  const list = async (name: string, query = '') =>
    bodyOf<List>(await store.call(`/kv?snapshot=${name}&${API}${query}`));
  const content = async (name: string) =>
    (await list(name)).items.map(({ key, label, value }) => [key, label, value]);
  const create = (name: string, body: object) =>
    store.call(`/snapshots/${name}?${API}`, { method: 'PUT', body: JSON.stringify(body) });

  it('is one setting per key under the composition key, the later filter winning', async () => {
    await create('rel', { filters: [{ key: 'app:*' }, { key: 'app:*', label: 'prod' }] });
    expect(await content('rel')).to.deep.equal([
      ['app:color', 'prod', 'prod'],
      ['app:size', null, 'base'],
    ]);
    await create('reverse', {
      filters: [
        { key: 'app:*', label: 'prod' },
        { key: 'app:*', label: null },
      ],
    });
    expect((await content('reverse'))[0]).to.deep.equal(['app:color', null, 'base']);
  });

  it('is every key and label under key_label', async () => {
    await create('rel', { filters: [{ key: 'app:*', label: '*' }], composition_type: 'key_label' });
    expect(await content('rel')).to.deep.equal([
      ['app:color', null, 'base'],
      ['app:color', 'prod', 'prod'],
      ['app:size', null, 'base'],
    ]);
  });

  it('cannot be composed by key over a label filter that could match several labels', async () => {
    for (const label of ['*', 'p*', 'prod,dev']) {
      const wire = await create('rel', { filters: [{ key: '*', label }] });
      expect([wire.status, bodyOf<{ name: string }>(wire).name], label).to.deep.equal([400, 'filters']);
    }
  });

  it('is narrowed by tags, which are ignored before 2023-11-01', async () => {
    await create('rel', { filters: [{ key: '*', tags: ['team=web'] }] });
    expect(await content('rel')).to.deep.equal([['app:size', null, 'base']]);
    const body = JSON.stringify({ filters: [{ key: 'app:*', tags: ['team=web'] }] });
    await store.call('/snapshots/old?api-version=2023-10-01', { method: 'PUT', body });
    expect(await content('old')).to.have.length(2);
  });

  it('stays as it was when the store changes', async () => {
    await create('rel', { filters: [{ key: '*' }] });
    const before = await store.call(`/kv?snapshot=rel&${API}`);
    await world.control.setSetting({ ...STORE, key: 'other', value: 'changed' });
    await world.control.deleteSetting({ ...STORE, key: 'app:size' });
    expect((await store.call(`/kv?snapshot=rel&${API}`)).text).to.equal(before.text);
  });

  it('is read without regard to key and label, with $select and with a page etag that answers 304', async () => {
    await create('rel', { filters: [{ key: '*' }] });
    const whole = await list('rel');
    expect((await list('rel', '&key=other&label=dev')).items).to.deep.equal(whole.items);
    const selected = await store.call(`/kv?snapshot=rel&${API}&$select=key`);
    expect(bodyOf<List>(selected).items[0]).to.deep.equal({ key: 'app:color' });
    const headers = { 'if-none-match': `"${whole.etag}"` };
    expect((await store.call(`/kv?snapshot=rel&${API}`, { headers })).status).to.equal(304);
  });

  it('is cut into pages whose links keep the snapshot', async () => {
    const settings = Array.from({ length: 205 }, (_, index) => ({ key: `k${1000 + index}`, value: '' }));
    await world.control.setSettings({ ...STORE, settings });
    await create('rel', { filters: [{ key: 'k*' }] });
    const pages = await all(store.client.listConfigurationSettingsForSnapshot('rel').byPage());
    expect(pages.map(({ items }) => items.length)).to.deep.equal([100, 100, 5]);
    const first = await store.call(`/kv?snapshot=rel&${API}`);
    expect(first.headers.link).to.match(/^<\/kv\?snapshot=rel&.*&after=[\w-]+>; rel="next"$/);
  });

  it('is empty, not an error, for a snapshot that is missing or not built yet', async () => {
    await world.control.setSnapshotBuilds({ ...STORE, buildMs: 60_000 });
    await create('building', { filters: [{ key: '*' }] });
    for (const name of ['none', 'building']) {
      const wire = await store.call(`/kv?snapshot=${name}&${API}`);
      expect([wire.status, bodyOf<List>(wire).items], name).to.deep.equal([200, []]);
    }
  });

  it('is still served while the snapshot is archived', async () => {
    await world.control.createSnapshot({ ...STORE, name: 'rel', filters: [{ key: 'other' }] });
    await world.control.archiveSnapshot({ ...STORE, name: 'rel' });
    expect(await content('rel')).to.deep.equal([['other', null, 'x']]);
  });

  it('is not looked for at an API version that has no snapshots', async () => {
    const wire = await store.call('/kv?snapshot=none&api-version=1.0&key=other');
    expect(bodyOf<List>(wire).items.map(({ key }) => key)).to.deep.equal(['other']);
  });

  it('is named by a reference that the SDK recognises', async () => {
    await world.control.setSnapshotReference({ ...STORE, key: 'use', snapshot: 'rel' });
    const setting = await store.client.getConfigurationSetting({ key: 'use' });
    expect(setting).to.include({
      contentType:
        'application/json; profile="https://azconfig.io/mime-profiles/snapshot-ref"; charset=utf-8',
      value: '{"snapshot_name":"rel"}',
    });
    expect(isSnapshotReference(setting)).to.equal(true);
    expect(parseSnapshotReference(setting).value.snapshotName).to.equal('rel');
  });
});
