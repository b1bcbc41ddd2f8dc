import { expect } from 'chai';
import { all, bodyOf } from './wire.ts';
import { API, contosoStore, type StoreWorld, startWorld, type World } from './world.ts';

interface List {
  readonly etag?: string;
  readonly items: { key: string; label: string | null; value: string; etag: string }[];
}

const STORE = { store: 'contoso' } as const;
const START = Date.parse('2026-03-01T12:00:00Z');

describe('App Configuration: time travel and revisions (A.8)', () => {
  let world: World;
  let store: StoreWorld;
  let token: string;

  /** a=1 at 0 s, b=1 at 60 s, a=2 at 120 s, b deleted at 180 s, and the clock stands at 240 s. */
  async function history(): Promise<void> {
    const { control } = world;
    const steps = [
      () => control.setSetting({ ...STORE, key: 'a', value: '1' }),
      () => control.setSetting({ ...STORE, key: 'b', label: 'dev', value: '1' }),
      () => control.setSetting({ ...STORE, key: 'a', value: '2' }),
      () => control.deleteSetting({ ...STORE, key: 'b', label: 'dev' }),
    ];
    for (const step of steps) {
      await step();
      await control.setClock({ advanceMs: 60_000 });
    }
  }

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    await world.control.setClock({ freezeAt: new Date(START).toISOString() });
    store = await contosoStore(world);
    token = store.token;
    await history();
  });
  after(() => world.stop());

  const at = (seconds: number) => new Date(START + seconds * 1000);
  const read = (target: string, headers: Record<string, string> = {}) =>
    store.call(target, { token, headers });
  const past = async (seconds: number, target = `/kv?${API}`) =>
    bodyOf<List>(await read(target, { 'accept-datetime': at(seconds).toISOString() })).items;
  const values = (items: List['items']) => items.map(({ key, value }) => `${key}=${value}`);

  it('shows a list as it was at a time', async () => {
    expect(values(await past(-1))).to.deep.equal([]);
    expect(values(await past(30))).to.deep.equal(['a=1']);
    expect(values(await past(119))).to.deep.equal(['a=1', 'b=1']);
    expect(values(await past(150))).to.deep.equal(['a=2', 'b=1']);
    expect(values(await past(200))).to.deep.equal(['a=2']);
    expect(values(await past(9_999))).to.deep.equal(['a=2']);
  });

  it('answers with Memento-Datetime and a link to the original, for HTTP dates and ISO 8601', async () => {
    const wire = await read(`/kv?${API}`, { 'accept-datetime': at(30).toUTCString() });
    const iso = await read(`/kv?${API}`, { 'accept-datetime': at(30).toISOString() });
    for (const { headers } of [wire, iso])
      expect(headers['memento-datetime']).to.equal('Sun, 01 Mar 2026 12:00:30 GMT');
    expect(wire.headers.link).to.equal(`</kv?${API}>; rel="original"`);
    expect(values(bodyOf<List>(wire).items)).to.deep.equal(['a=1']);
  });

  it('shows a single key-value, keys and labels of that time', async () => {
    const single = await read(`/kv/a?${API}`, { 'accept-datetime': at(30).toISOString() });
    expect(bodyOf<{ value: string }>(single).value).to.equal('1');
    const absent = await read(`/kv/b?${API}&label=dev`, { 'accept-datetime': at(30).toISOString() });
    expect(absent.status).to.equal(404);
    const labels = await read(`/labels?${API}`, { 'accept-datetime': at(90).toISOString() });
    expect(bodyOf<{ items: object[] }>(labels).items).to.deep.equal([{ name: null }, { name: 'dev' }]);
  });

  it('gives the page of a time its own etag, which answers 304 later', async () => {
    const date = { 'accept-datetime': at(30).toISOString() };
    const { headers } = await read(`/kv?${API}`, date);
    expect(headers.etag).not.to.equal((await read(`/kv?${API}`)).headers.etag);
    const again = await read(`/kv?${API}`, { ...date, 'if-none-match': String(headers.etag) });
    expect([again.status, again.headers.link]).to.deep.equal([304, `</kv?${API}>; rel="original"`]);
  });

  it('puts the next link first, so that the SDK pages through the past', async () => {
    const settings = Array.from({ length: 150 }, (_, index) => ({ key: `k${1000 + index}`, value: '' }));
    await world.control.setSettings({ ...STORE, settings });
    await world.control.setClock({ advanceMs: 60_000 });
    for (const { key } of settings.slice(0, 60)) await world.control.deleteSetting({ ...STORE, key });
    await world.control.setClock({ advanceMs: 60_000 });
    const options = { keyFilter: 'k*', acceptDateTime: at(270) };
    expect(await all(store.client.listConfigurationSettings(options))).to.have.length(150);
    expect(await all(store.client.listConfigurationSettings({ keyFilter: 'k*' }))).to.have.length(90);
    const wire = await read(`/kv?${API}&key=k*`, { 'accept-datetime': at(270).toISOString() });
    expect(wire.headers.link).to.match(/^<[^>]*&after=[\w-]+>; rel="next", <[^>]*>; rel="original"$/);
  });

  it('refuses a time that is none', async () => {
    const wire = await read(`/kv?${API}`, { 'accept-datetime': 'yesterday' });
    expect([wire.status, bodyOf<{ name: string }>(wire).name]).to.deep.equal([400, 'Accept-Datetime']);
  });

  it('lists revisions by key and label, newest first, those of deleted settings too', async () => {
    const wire = await read(`/revisions?${API}`);
    expect(wire.headers['content-type']).to.equal(
      'application/vnd.microsoft.appconfig.kvset+json; charset=utf-8',
    );
    expect(wire.headers['accept-ranges']).to.equal('items');
    expect(values(bodyOf<List>(wire).items)).to.deep.equal(['a=2', 'a=1', 'b=1']);
    const filtered = await read(`/revisions?${API}&key=b&label=dev&$select=value`);
    expect(bodyOf<List>(filtered).items).to.deep.equal([{ value: '1' }]);
  });

  it('forgets revisions 30 days after they were replaced', async () => {
    await world.control.setClock({ advanceMs: 30 * 24 * 3_600_000 });
    token = await world.control.issueToken({ clientId: store.app.clientId, audience: 'https://azconfig.io' });
    expect(values(bodyOf<List>(await read(`/revisions?${API}`)).items)).to.deep.equal(['a=2']);
  });

  it('answers a range of revisions with 206, and one beyond the end with 416', async () => {
    const some = await read(`/revisions?${API}`, { range: 'items=1-5' });
    expect([some.status, some.headers['content-range']]).to.deep.equal([206, 'items 1-2/3']);
    expect(values(bodyOf<List>(some).items)).to.deep.equal(['a=1', 'b=1']);
    const first = await read(`/revisions?${API}`, { range: 'items=0-0' });
    expect(values(bodyOf<List>(first).items)).to.deep.equal(['a=2']);
    const beyond = await read(`/revisions?${API}`, { range: 'items=3-5' });
    expect([beyond.status, beyond.text]).to.deep.equal([416, '']);
  });

  it('answers unchanged revisions with 304', async () => {
    const { headers } = await read(`/revisions?${API}`);
    const again = await read(`/revisions?${API}`, { 'if-none-match': String(headers.etag) });
    expect(again.status).to.equal(304);
  });

  it('lets the SDK list revisions over pages', async () => {
    for (let value = 0; value < 120; value += 1)
      await world.control.setSetting({ ...STORE, key: 'c', value: String(value) });
    const revisions = await all(store.client.listRevisions({ keyFilter: 'c' }));
    expect([revisions.length, revisions[0]?.value, revisions[119]?.value]).to.deep.equal([120, '119', '0']);
  });
});
