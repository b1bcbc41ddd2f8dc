import { expect } from 'chai';
import type { Selection } from '../../../src/domain/store/settings.ts';
import { snapshotReferences } from '../../../src/domain/store/snapshot-references.ts';
import { type Bench, failureOf, okValue, patience, startBench } from './bench.ts';

const select = (snapshot: string): Selection => ({
  endpoint: 'https://shop.azconfig.io',
  filter: { snapshot },
});

describe('snapshots through the App Configuration adapter', () => {
  let bench: Bench;
  const head = (name: string, known: readonly string[] = []) =>
    bench.azure().headPages(select(name), bench.identity(), known, patience());
  const read = (name: string) => bench.azure().readPages(select(name), bench.identity(), patience());
  const create = (name: string, key = 'many:*') =>
    bench.pretend.control.createSnapshot({ store: 'shop', name, filters: [{ key }] });

  before(async () => {
    bench = await startBench();
    const settings = Array.from({ length: 250 }, (_, at) => ({
      key: `many:${String(at).padStart(3, '0')}`,
      value: String(at),
    }));
    await bench.pretend.control.setSettings({ store: 'shop', settings });
  });
  after(() => bench.stop());

  it('are read in full, over several pages, as they were made', async () => {
    await create('full');
    await bench.pretend.control.setSetting({ store: 'shop', key: 'many:001', value: 'changed later' });
    const { settings, etags, archived } = okValue(await read('full'));
    expect(settings.map(({ value }) => value)).to.deep.equal([...Array(250).keys()].map(String));
    expect(etags).to.have.length(2);
    expect(archived).to.equal(undefined);
  });

  it('are observed by two requests, whatever their size, the second conditional', async () => {
    await create('observed');
    const { etags } = okValue(await read('observed'));
    await bench.pretend.control.clearRequests();
    expect(okValue(await head('observed', etags)).etags).to.deep.equal(etags);
    const requests = await bench.pretend.control.requests({ service: 'appconfig' });
    expect(requests.map(({ method, status }) => `${method} ${status}`)).to.deep.equal([
      'GET 200',
      'HEAD 304',
    ]);
  });

  for (const odd of ['a b', 'a&b=c#d', 'a+b', 'a/b', 'ä€😀', '*', 'a,b', 'a?b', '..a']) {
    it(`may be called ${JSON.stringify(odd)}`, async () => {
      await create(odd, 'many:00*');
      expect(okValue(await read(odd)).settings).to.have.length(10);
      expect(okValue(await head(odd)).etags).to.have.length(2);
    });
  }

  it('that are missing are a failure, by GET and by HEAD', async () => {
    for (const answer of [await head('nowhere'), await read('nowhere')]) {
      const failure = failureOf(answer);
      expect(failure).to.include({ kind: 'blocked', reason: 'SnapshotNotFound' });
      expect(failure.message).to.contain('"nowhere"');
    }
  });

  it('that are being made, or could not be made, are a failure', async () => {
    const { control } = bench.pretend;
    await control.setSnapshotBuilds({ store: 'shop', buildMs: 3_600_000 });
    await create('slow');
    await control.setSnapshotBuilds({ store: 'shop', buildMs: 0, failure: 'QuotaExceeded' });
    await create('broken');
    await control.setSnapshotBuilds({ store: 'shop', failure: null });
    for (const name of ['slow', 'broken'])
      for (const answer of [await head(name), await read(name)])
        expect(failureOf(answer)).to.include({ kind: 'blocked', reason: 'SnapshotNotReady' });
  });

  it('that may hold one key several times are refused', async () => {
    const filters = [{ key: 'many:00*' }];
    await bench.pretend.control.createSnapshot({
      store: 'shop',
      name: 'labelled',
      filters,
      composition: 'key_label',
    });
    expect(failureOf(await read('labelled'))).to.include({ reason: 'SnapshotComposition' });
  });

  it('that are archived are read, say until when, and have other ETags', async () => {
    await create('old');
    const fresh = okValue(await head('old'));
    await bench.pretend.control.archiveSnapshot({ store: 'shop', name: 'old' });
    const archived = okValue(await read('old'));
    expect(archived.settings).to.have.length(250);
    expect(archived.archived?.expiresAt).to.be.greaterThan(Date.now());
    expect(archived.etags).not.to.deep.equal(fresh.etags);
  });

  it('are referred to by settings that are told from other JSON', async () => {
    await create('referred');
    await bench.pretend.control.setSnapshotReference({ store: 'shop', key: 'ref', snapshot: 'referred' });
    const selection = { endpoint: 'https://shop.azconfig.io', filter: { key: 'ref', label: null } };
    const { settings } = okValue(await bench.azure().readPages(selection, bench.identity(), patience()));
    const found = okValue(snapshotReferences([{ selection, settings }]));
    expect(found).to.deep.equal([{ key: 'ref', snapshot: 'referred' }]);
  });

  it('are closed to an identity without a role, which hears what is missing', async () => {
    const { control } = bench.pretend;
    await create('closed');
    const stranger = await control.createApp({ name: 'stranger' });
    await control.addFederatedCredential({
      clientId: stranger.clientId,
      issuer: bench.cluster.issuer,
      subject: 'system:serviceaccount:shop:orders',
    });
    const identity = bench.identity({ clientId: stranger.clientId });
    const refused = failureOf(await bench.azure().headPages(select('closed'), identity, [], patience()));
    expect(refused).to.include({ kind: 'blocked', reason: 'StoreForbidden' });
  });
});
