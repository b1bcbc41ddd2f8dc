import { expect } from 'chai';
import { SyncTokens } from '../../../dev/azure/appconfig/synctoken.ts';
import { type Bench, CountingMetrics, failureOf, okValue, patience, select, startBench } from './bench.ts';

describe('the App Configuration adapter against the pretend Azure', () => {
  let bench: Bench;

  before(async () => {
    bench = await startBench();
    const settings = Array.from({ length: 250 }, (_, at) => ({
      key: `many:${String(at).padStart(3, '0')}`,
      value: String(at),
    }));
    await bench.pretend.control.setSettings({ store: 'shop', settings });
  });
  after(() => bench.stop());
  afterEach(() => bench.pretend.control.clearFaults());

  it('reads every page, with ETags that HEAD gives as well', async () => {
    const azure = bench.azure();
    const identity = bench.identity();
    const read = okValue(await azure.readPages(select('many:*'), identity, patience()));
    expect(read.settings.map(({ value }) => value)).to.deep.equal([...Array(250).keys()].map(String));
    expect(read.etags).to.have.length(3);
    expect(read.host).to.equal('shop.azconfig.io');
    const head = okValue(await azure.headPages(select('many:*'), identity, [], patience()));
    expect(head).to.deep.equal({ host: read.host, etags: read.etags });
  });

  it('asks only conditional HEADs once the ETags are known, and is answered 304 on every page', async () => {
    const { control } = bench.pretend;
    const azure = bench.azure();
    const identity = bench.identity();
    const first = okValue(await azure.headPages(select('many:*'), identity, [], patience()));
    await control.clearRequests();
    const again = okValue(await azure.headPages(select('many:*'), identity, first.etags, patience()));
    expect(again).to.deep.equal(first);
    const requests = await control.requests({ service: 'appconfig' });
    expect(requests.map(({ method, status }) => `${method} ${status}`)).to.deep.equal(
      Array(3).fill('HEAD 304'),
    );
  });

  it('sees a change on page 2 only', async () => {
    const azure = bench.azure();
    const identity = bench.identity();
    const before = okValue(await azure.headPages(select('many:*'), identity, [], patience()));
    await bench.pretend.control.setSetting({ store: 'shop', key: 'many:150', value: 'changed' });
    const after = okValue(await azure.headPages(select('many:*'), identity, before.etags, patience()));
    expect(after.etags.map((etag, page) => etag === before.etags[page])).to.deep.equal([true, false, true]);
  });

  it('sees pages appear and disappear', async () => {
    const { control } = bench.pretend;
    const azure = bench.azure();
    const identity = bench.identity();
    await control.setSettings({
      store: 'shop',
      settings: Array.from({ length: 150 }, (_, at) => ({ key: `grow:${String(at + 100)}`, value: 'x' })),
    });
    const grown = okValue(await azure.headPages(select('grow:*'), identity, [], patience()));
    expect(grown.etags).to.have.length(2);
    for (let at = 0; at < 60; at += 1)
      await control.deleteSetting({ store: 'shop', key: `grow:${at + 100}` });
    const shrunk = okValue(await azure.headPages(select('grow:*'), identity, grown.etags, patience()));
    expect(shrunk.etags).to.have.length(1);
    const read = okValue(await azure.readPages(select('grow:*'), identity, patience()));
    expect(read.settings).to.have.length(90);
    expect(read.etags).to.deep.equal(shrunk.etags);
  });

  it('reads an empty selection as one empty page', async () => {
    const read = okValue(await bench.azure().readPages(select('nothing:*'), bench.identity(), patience()));
    expect(read.settings).to.deep.equal([]);
    expect(read.etags).to.have.length(1);
  });

  it('selects settings without a label, or with exactly the label given', async () => {
    const { control } = bench.pretend;
    const azure = bench.azure();
    const identity = bench.identity();
    await control.setSetting({ store: 'shop', key: 'labels', value: 'none' });
    await control.setSetting({ store: 'shop', key: 'labels', label: 'prod', value: 'prod' });
    const values = async (label: string | null) =>
      okValue(await azure.readPages(select('labels', label), identity, patience())).settings;
    expect(await values(null)).to.deep.include({
      key: 'labels',
      value: 'none',
      etag: (await values(null))[0]?.etag,
    });
    expect((await values('prod')).map(({ value, label }) => [value, label])).to.deep.equal([
      ['prod', 'prod'],
    ]);
    expect(await values('pro*')).to.deep.equal([]);
    expect((await values('')).map(({ value }) => value)).to.deep.equal(['none']);
  });

  const oddities = [
    'a&b',
    'a#b',
    'a+b',
    'a b',
    'a/b',
    'a?b=c',
    'ä€😀',
    'a;b',
    "a'b",
    'a"b',
    '$select',
    '.x~-',
    'a:b',
    '100%',
    'x%2Fy',
    'a=b',
    'a\u2028b',
  ];
  for (const odd of oddities) {
    it(`selects the key and the label ${JSON.stringify(odd)}, by name and by prefix`, async () => {
      const { control } = bench.pretend;
      const azure = bench.azure();
      const identity = bench.identity();
      await control.setSetting({ store: 'shop', key: `odd:${odd}`, label: odd, value: odd });
      for (const key of [`odd:${odd}`, `odd:${odd}*`]) {
        const read = okValue(await azure.readPages(select(key, odd), identity, patience()));
        expect(read.settings.map((setting) => [setting.key, setting.label, setting.value])).to.deep.equal([
          [`odd:${odd}`, odd, odd],
        ]);
        const head = okValue(await azure.headPages(select(key, odd), identity, [], patience()));
        expect(head.etags).to.deep.equal(read.etags);
      }
    });
  }

  for (const odd of ['a%b', 'a%2Fb', '%', 'a*b', 'a,b', 'a\\b', '*', ',', '\\', 'a\\,b*']) {
    it(`takes the label ${JSON.stringify(odd)} as it is`, async () => {
      await bench.pretend.control.setSetting({ store: 'shop', key: 'odd-label', label: odd, value: odd });
      const read = okValue(await bench.azure().readPages(select('*', odd), bench.identity(), patience()));
      expect(read.settings.map(({ label, value }) => [label, value])).to.deep.equal([[odd, odd]]);
    });
  }

  it('selects by tags, all of them and literally, whatever they contain', async () => {
    const { control } = bench.pretend;
    const azure = bench.azure();
    const identity = bench.identity();
    const odd = { 'a=b,*\\': 'c&d=e#%2F +*,', empty: '' };
    await control.setSetting({ store: 'shop', key: 'tags:odd', value: '1', tags: { ...odd, more: 'x' } });
    await control.setSetting({ store: 'shop', key: 'tags:part', value: '2', tags: { empty: '' } });
    await control.setSetting({ store: 'shop', key: 'tags:none', value: '3' });
    const keys = async (tags: Record<string, string>) => {
      const { endpoint, filter } = select('tags:*');
      const selection = { endpoint, filter: { ...filter, tags: Object.entries(tags) } };
      const read = okValue(await azure.readPages(selection, identity, patience()));
      const head = okValue(await azure.headPages(selection, identity, [], patience()));
      expect(head.etags).to.deep.equal(read.etags);
      return read.settings.map(({ key }) => key);
    };
    expect(await keys(odd)).to.deep.equal(['tags:odd']);
    expect(await keys({ empty: '' })).to.deep.equal(['tags:odd', 'tags:part']);
    expect(await keys({ 'a=b,*\\': 'c' })).to.deep.equal([]);
  });

  it('names the tags that the store refuses', async () => {
    const { endpoint, filter } = select('*');
    const tags = Array.from({ length: 6 }, (_, n) => [`t${n}`, 'x'] as const);
    const refused = failureOf(
      await bench.azure().readPages({ endpoint, filter: { ...filter, tags } }, bench.identity(), patience()),
    );
    expect(refused).to.include({ kind: 'invalid-spec', reason: 'StoreRejected' });
    expect(refused.message).to.contain('"t0"').and.to.contain('at most 5 tags');
  });

  it('leaves the grammar of key filters to the store: lists, prefixes and escapes', async () => {
    const { control } = bench.pretend;
    const azure = bench.azure();
    const identity = bench.identity();
    for (const key of ['g:a,b', 'g:a*', 'g:a\\', 'g:a', 'g:b']) {
      await control.setSetting({ store: 'shop', key, value: key });
    }
    const keys = async (filter: string) =>
      okValue(await azure.readPages(select(filter), identity, patience())).settings.map(({ key }) => key);
    expect(await keys('g:a,g:b')).to.have.members(['g:a', 'g:b']);
    expect(await keys('g:a\\,b')).to.deep.equal(['g:a,b']);
    expect(await keys('g:a\\*')).to.deep.equal(['g:a*']);
    expect(await keys('g:a\\\\')).to.deep.equal(['g:a\\']);
    expect(await keys('g:a*')).to.have.members(['g:a,b', 'g:a*', 'g:a\\', 'g:a']);
  });

  it('carries filters with odd characters over several pages', async () => {
    const settings = Array.from({ length: 230 }, (_, at) => ({
      key: `p&+#;:${String(at + 100)}`,
      label: 'l,&+',
      value: 'x',
    }));
    await bench.pretend.control.setSettings({ store: 'shop', settings });
    const azure = bench.azure();
    const identity = bench.identity();
    const read = okValue(await azure.readPages(select('p&+#;:*', 'l,&+'), identity, patience()));
    expect(new Set(read.settings.map(({ key }) => key)).size).to.equal(230);
    const head = okValue(await azure.headPages(select('p&+#;:*', 'l,&+'), identity, read.etags, patience()));
    expect(head.etags).to.deep.equal(read.etags);
  });

  it('blames the filter when the store refuses it', async () => {
    const azure = bench.azure();
    const identity = bench.identity();
    const failure = failureOf(await azure.headPages(select('a,b,c,d,e,f'), identity, [], patience()));
    expect(failure).to.include({ kind: 'invalid-spec', reason: 'StoreRejected' });
    expect(failure.message).to.include('"a,b,c,d,e,f"').and.include('at most 5');
  });

  it('reads at least as new a state as any other identity has seen', async () => {
    const { control } = bench.pretend;
    const azure = bench.azure();
    const [first, second] = [bench.identity(), bench.identity()];
    const fresh = async () =>
      okValue(await azure.readPages(select('fresh'), second, patience())).settings.length;
    await control.setHiddenWrites({ store: 'shop', ms: 3_600_000 });
    await control.setSetting({ store: 'shop', key: 'fresh', value: 'new' });
    expect(await fresh()).to.equal(0);
    await control.addFault({
      service: 'appconfig',
      status: 200,
      count: 1,
      headers: {
        'sync-token': new SyncTokens('shop.azconfig.io').format(1_000_000),
        'content-type': 'application/json',
        etag: '"x"',
      },
      body: '{"items":[],"etag":"x"}',
    });
    okValue(await azure.readPages(select('any'), first, patience()));
    expect(await fresh()).to.equal(1);
    await control.setHiddenWrites({ store: 'shop', ms: 0 });
  });

  it('ignores a malformed sync token', async () => {
    await bench.pretend.control.addFault({
      service: 'appconfig',
      status: 200,
      headers: { 'sync-token': 'nonsense', 'content-type': 'application/json', etag: '"x"' },
      body: '{"items":[],"etag":"x"}',
    });
    const read = okValue(await bench.azure().readPages(select('any'), bench.identity(), patience()));
    expect(read.etags).to.deep.equal(['x']);
  });

  it('does not take the page of a proxy for an empty store', async () => {
    await bench.pretend.control.addFault({
      service: 'appconfig',
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html>Please log in</html>',
    });
    const azure = bench.azure();
    const read = failureOf(await azure.readPages(select('any'), bench.identity(), patience()));
    expect(read).to.include({ kind: 'unavailable', reason: 'StoreUnreachable' });
    const head = failureOf(await azure.headPages(select('any'), bench.identity(), [], patience()));
    expect(head).to.include({ kind: 'unavailable', reason: 'StoreUnreachable' });
  });

  it('opens one connection per host for many reads, and asks Entra once', async () => {
    const { control } = bench.pretend;
    const metrics = new CountingMetrics();
    const azure = bench.azure({ metrics });
    const identity = bench.identity();
    await control.clearRequests();
    for (let turn = 0; turn < 5; turn += 1) await azure.headPages(select('labels'), identity, [], patience());
    const connects = await control.requests({ service: 'proxy' });
    expect(connects.map(({ host }) => host).sort()).to.deep.equal([
      'login.microsoftonline.com',
      'shop.azconfig.io',
    ]);
    expect(await control.requests({ service: 'entra' })).to.have.length(1);
    const counted = metrics.counts.get(
      'azure_requests_total{"service":"appconfig","operation":"check_settings","code":"200"}',
    );
    expect(counted).to.equal(5);
  });

  it('asks Entra once for reads of one identity that begin together', async () => {
    const { control } = bench.pretend;
    const azure = bench.azure();
    const identity = bench.identity();
    await control.clearRequests();
    const keys = ['labels', 'many:*', 'g:*', 'odd:*'];
    const reads = keys.map((key) => azure.readPages(select(key), identity, patience()));
    for (const read of await Promise.all(reads)) okValue(read);
    expect(await control.requests({ service: 'entra' })).to.have.length(1);
  });
});
