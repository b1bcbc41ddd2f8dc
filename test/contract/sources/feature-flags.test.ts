import { expect } from 'chai';
import { selectFlags } from '../../../src/domain/content/feature-flags.ts';
import { flagsNode } from '../../../src/domain/formats/flags-section.ts';
import { layOut } from '../../../src/domain/formats/json-node.ts';
import { type PlannedSource, planFlagSources } from '../../../src/domain/store/selectors.ts';
import { FLAG_TYPE } from '../../support/arbitraries/settings.ts';
import { type Bench, ENDPOINT, okValue, patience, select, startBench } from './bench.ts';

describe('feature flags through the App Configuration adapter', () => {
  let bench: Bench;

  const setFlag = (id: string, rest: object = { enabled: true }, label?: string) =>
    bench.pretend.control.setSetting({
      store: 'shop',
      key: `.appconfig.featureflag/${id}`,
      value: JSON.stringify({ id, ...rest }),
      contentType: FLAG_TYPE,
      ...(label === undefined ? {} : { label }),
    });

  /** What the selection of flags named `key` gives. */
  async function read(key: string, environment?: string) {
    const sources = planFlagSources(ENDPOINT, { selectors: [{ key }] }, environment);
    const parts = await Promise.all(sources.map((source) => partOf(source)));
    return selectFlags(parts, ENDPOINT);
  }
  async function partOf(source: PlannedSource) {
    const pages = await bench.azure().readPages(source.selection, bench.identity(), patience());
    return { source, settings: okValue(pages).settings };
  }
  const ids = async (key: string) => (await read(key)).flags.map(({ id }) => id);

  before(async () => {
    bench = await startBench();
    for (const id of ['Beta', 'Beta2', 'a,b', 'a*', 'ä/ö']) await setFlag(id);
    await bench.pretend.control.setSetting({ store: 'shop', key: 'app:color', value: 'blue' });
  });
  after(() => bench.stop());

  for (const [key, found] of [
    ['*', ['Beta', 'Beta2', 'a*', 'a,b', 'ä/ö']],
    ['Beta', ['Beta']],
    ['Beta*', ['Beta', 'Beta2']],
    ['Beta2,Beta', ['Beta', 'Beta2']],
    ['a\\,b,Beta', ['Beta', 'a,b']],
    ['a\\*', ['a*']],
    ['ä*', ['ä/ö']],
    ['beta', []],
  ] as const) {
    it(`are found by their names: ${key}`, async () => {
      expect(await ids(key)).to.deep.equal(found);
    });
  }

  it('come with those of an environment over those without a label', async () => {
    await setFlag('Overlaid', { enabled: false });
    await setFlag('Overlaid', { enabled: true }, 'prod');
    const { flags, counts } = await read('Overlaid', 'prod');
    expect(flags.map(({ node }) => JSON.parse(layOut(node)))).to.deep.equal([
      { id: 'Overlaid', enabled: true },
    ]);
    expect(counts).to.deep.equal([1, 1]);
  });

  it('name the ETag of the store where they ask for telemetry', async () => {
    await setFlag('Told', { telemetry: { enabled: true } });
    const [source] = planFlagSources(ENDPOINT, { selectors: [{ key: 'Told' }] }, undefined);
    if (source === undefined) throw new Error('no source');
    const part = await partOf(source);
    const etag = part.settings[0]?.etag ?? '';
    expect(etag).to.match(/^[\w-]{10,}$/);
    expect(layOut(flagsNode(selectFlags([part], ENDPOINT).flags))).to.contain(`"ETag": "${etag}"`);
  });

  it('have ETags of their own: a changed flag shows in no selection of settings by prefix', async () => {
    const azure = bench.azure();
    const identity = bench.identity();
    const [flags] = planFlagSources(ENDPOINT, {}, undefined);
    if (flags === undefined) throw new Error('no source');
    const tags = async (selection: PlannedSource['selection']) =>
      okValue(await azure.headPages(selection, identity, [], patience())).etags;
    const before = [await tags(flags.selection), await tags(select('app:*')), await tags(select('*'))];
    await setFlag('Beta', { enabled: false });
    const after = [await tags(flags.selection), await tags(select('app:*')), await tags(select('*'))];
    expect(after[0]).to.not.deep.equal(before[0]);
    expect(after[1]).to.deep.equal(before[1]);
    // All keys are all keys: the guide says so.
    expect(after[2]).to.not.deep.equal(before[2]);
  });
});
