import { expect } from 'chai';
import { all, bodyOf, type Wire } from './wire.ts';
import { API, contosoStore, type StoreWorld, startWorld, type World } from './world.ts';

interface Page {
  readonly etag?: string;
  readonly items: { key: string; label: string | null }[];
  readonly '@nextLink'?: string;
}

describe('App Configuration: pages and page etags', () => {
  let world: World;
  let store: StoreWorld;

  const key = (index: number) => `k${String(index).padStart(4, '0')}`;
  const fill = (count: number) => {
    const settings = Array.from({ length: count }, (_, index) => ({ key: key(index), value: 'v' }));
    return world.control.setSettings({ store: 'contoso', settings });
  };

  /** All pages by following the body's next link, or the header's on HEAD and 304. */
  async function walk(etags: readonly string[] = [], method = 'GET'): Promise<Wire[]> {
    const pages: Wire[] = [];
    let target: string | undefined = `/kv?${API}&key=*`;
    while (target !== undefined) {
      const etag = etags[pages.length];
      const headers: Record<string, string> = etag === undefined ? {} : { 'if-none-match': etag };
      const wire: Wire = await store.call(target, { method, headers });
      pages.push(wire);
      target = /^<(.*)>; rel="next"$/.exec(String(wire.headers.link ?? ''))?.[1];
    }
    return pages;
  }
  const etagsOf = (pages: readonly Wire[]) => pages.map(({ headers }) => String(headers.etag));
  const statuses = (pages: readonly Wire[]) => pages.map(({ status }) => status);

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    store = await contosoStore(world);
  });
  after(() => world.stop());

  for (const [count, sizes] of [
    [0, [0]],
    [1, [1]],
    [99, [99]],
    [100, [100, 0]],
    [101, [100, 1]],
    [250, [100, 100, 50]],
  ] as const) {
    it(`cuts ${count} settings into pages of ${sizes.join(', ')}`, async () => {
      await fill(count);
      const pages = (await walk()).map((wire) => bodyOf<Page>(wire));
      expect(pages.map(({ items }) => items.length)).to.deep.equal(sizes);
      expect(pages.every(({ etag }) => etag !== undefined)).to.equal(true);
      const keys = pages.flatMap(({ items }) => items.map((item) => item.key));
      expect(keys).to.deep.equal(Array.from({ length: count }, (_, index) => key(index)));
      const found = await all(store.client.listConfigurationSettings());
      expect(found.map((setting) => setting.key)).to.deep.equal(keys);
    });
  }

  it('cuts between two labels of one key without losing either', async () => {
    const settings = Array.from({ length: 120 }, (_, index) => ({
      key: 'same',
      label: key(index),
      value: '',
    }));
    await world.control.setSettings({ store: 'contoso', settings });
    const pages = (await walk()).map((wire) => bodyOf<Page>(wire));
    const labels = pages.flatMap(({ items }) => items.map(({ label }) => label));
    expect(labels).to.deep.equal(Array.from({ length: 120 }, (_, index) => key(index)));
  });

  it('gives a relative next link that repeats the query and ends in a token of safe characters', async () => {
    await fill(101);
    const wire = await store.call(`/kv?${API}&key=k*&label=%00`);
    const next = bodyOf<Page>(wire)['@nextLink'] ?? '';
    expect(next).to.match(/^\/kv\?api-version=2026-04-01&key=k\*&label=%00&after=[A-Za-z0-9_-]+$/);
    expect(wire.headers.link).to.equal(`<${next}>; rel="next"`);
  });

  it('restarts at page one for a token that cannot be decoded', async () => {
    await fill(101);
    const wire = await store.call(`/kv?${API}&after=a+b/c=`);
    expect(bodyOf<Page>(wire).items[0]?.key).to.equal(key(0));
  });

  it('gives the page etag in body and header, and at 1.0 in neither', async () => {
    await fill(1);
    const wire = await store.call(`/kv?${API}`);
    const old = await store.call('/kv?api-version=1.0', { headers: { 'if-none-match': '*' } });
    expect(wire.headers.etag).to.equal(`"${bodyOf<Page>(wire).etag}"`);
    expect([old.status, old.headers.etag, bodyOf<Page>(old).etag]).to.deep.equal([200, undefined, undefined]);
  });

  for (const method of ['GET', 'HEAD']) {
    it(`answers ${method} of unchanged pages with 304 that keeps Link and Sync-Token`, async () => {
      await fill(250);
      const etags = etagsOf(await walk());
      const again = await walk(etags, method);
      expect(statuses(again)).to.deep.equal([304, 304, 304]);
      expect(again.map(({ text }) => text).join('')).to.equal('');
      expect(again.slice(0, 2).every(({ headers }) => headers.link !== undefined)).to.equal(true);
      expect(again.every(({ headers }) => headers['sync-token'] !== undefined)).to.equal(true);
    });
  }

  it('changes only the etag of the page that a changed setting is on', async () => {
    await fill(250);
    const etags = etagsOf(await walk());
    await world.control.setSetting({ store: 'contoso', key: key(150), value: 'new' });
    expect(statuses(await walk(etags, 'HEAD'))).to.deep.equal([304, 200, 304]);
  });

  it('changes the etag of every page that a deletion moves settings across', async () => {
    await fill(250);
    const etags = etagsOf(await walk());
    await world.control.deleteSetting({ store: 'contoso', key: key(0) });
    expect(statuses(await walk(etags, 'HEAD'))).to.deep.equal([200, 200, 200]);
  });

  it('changes the etag of a page that starts to have a next one', async () => {
    await fill(99);
    const [before] = etagsOf(await walk());
    await world.control.setSetting({ store: 'contoso', key: key(99), value: 'v' });
    const [full] = etagsOf(await walk());
    expect(full).not.to.equal(before);
  });

  it('answers a list with 412 when If-Match does not hold', async () => {
    await fill(1);
    const wire = await store.call(`/kv?${API}`, { headers: { 'if-match': '"other"' } });
    expect([wire.status, wire.text]).to.deep.equal([412, '']);
  });

  it('gives a page the same etag whatever is selected, and answers 304 under $select', async () => {
    await fill(150);
    const whole = await store.call(`/kv?${API}`);
    const etag = String(whole.headers.etag);
    const selected = await store.call(`/kv?${API}&$select=key`);
    expect(selected.headers.etag).to.equal(etag);
    expect(selected.headers.link).to.match(/^<\/kv\?api-version=2026-04-01&\$select=key&after=/);
    const headers = { 'if-none-match': etag };
    const again = await store.call(`/kv?${API}&$select=key`, { headers });
    expect([again.status, again.headers.link]).to.deep.equal([304, selected.headers.link]);
    await world.control.setSetting({ store: 'contoso', key: key(0), value: 'new' });
    expect((await store.call(`/kv?${API}&$select=key`, { headers })).status).to.equal(200);
  });

  it('lets the SDK select fields, for which the other members are undefined', async () => {
    await fill(1);
    const [setting] = await all(store.client.listConfigurationSettings({ fields: ['key', 'etag'] }));
    expect([setting?.key, typeof setting?.etag, setting?.value]).to.deep.equal([key(0), 'string', undefined]);
  });

  it('lets the SDK list and check with page etags, following Link on 304', async () => {
    await fill(250);
    const { client } = store;
    const first = await all(client.listConfigurationSettings().byPage());
    const pageEtags = first.map(({ etag }) => etag ?? '');
    await world.control.setSetting({ store: 'contoso', key: key(240), value: 'new' });
    const listed = await all(client.listConfigurationSettings({ pageEtags: [...pageEtags] }).byPage());
    const checked = await all(client.checkConfigurationSettings({ pageEtags: [...pageEtags] }).byPage());
    // The SDK gives the status of a changed page as text.
    expect(listed.map((page) => Number(page._response.status))).to.deep.equal([304, 304, 200]);
    expect(checked.map((page) => Number(page._response.status))).to.deep.equal([304, 304, 200]);
    expect(checked[2]?.etag).to.equal(`"${listed[2]?.etag}"`);
  });
});
