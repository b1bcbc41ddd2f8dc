import { expect } from 'chai';
import fc from 'fast-check';
import { CLOUDS } from '../../../src/domain/clouds.ts';
import { trimKey } from '../../../src/domain/keys.ts';
import { mergeSources, type SourceSettings } from '../../../src/domain/merge.ts';
import { contentKind } from '../../../src/domain/store/contenttypes.ts';
import { planSources } from '../../../src/domain/store/selectors.ts';
import type { Setting } from '../../../src/domain/store/settings.ts';
import {
  FLAG_TYPE,
  REFERENCE_TYPE,
  referenceValue,
  settingLists,
} from '../../support/arbitraries/settings.ts';

const KEYS = { trimPrefixes: [], replace: [], invalid: 'Fail' } as const;
const options = { vaultSuffixes: CLOUDS.AzurePublic.vaultSuffixes };
const plain = (key: string, value: string): Setting => ({ key, value, etag: 'e' });
const reference = (key: string, name: string): Setting => ({
  key,
  value: referenceValue('shop', name),
  contentType: REFERENCE_TYPE,
  etag: 'e',
});

/** Parts for `count` selectors with an environment: base, overlay, base, overlay… */
function partsOf(lists: readonly (readonly Setting[])[]): SourceSettings[] {
  const selectors = Array.from({ length: Math.ceil(lists.length / 2) }, () => ({ key: '*' }));
  const sources = planSources('https://s.azconfig.io', selectors, 'prod');
  return sources.map((source, index) => ({ source, settings: lists[index] ?? [] }));
}

const merge = (lists: readonly (readonly Setting[])[], trimPrefixes: readonly string[] = []) =>
  mergeSources(partsOf(lists), { keys: { ...KEYS, trimPrefixes } }, options);

describe('merging selections', () => {
  it('lets a later selector win, and the environment over its base', () => {
    const merged = merge([
      [plain('a', '1'), plain('b', '1'), plain('c', '1')],
      [plain('b', '2')],
      [plain('c', '3')],
      [],
    ]);
    expect([...merged.entries]).to.deep.equal([
      ['a', { kind: 'value', value: '1' }],
      ['b', { kind: 'value', value: '2' }],
      ['c', { kind: 'value', value: '3' }],
    ]);
  });

  it('lets selected secrets override settings, and named ones both, and tells what settings gave', () => {
    const secret = (name: string) => ({
      kind: 'reference' as const,
      reference: { vault: 'shop.vault.azure.net', name },
    });
    const collision = (key: string) => ({
      key,
      storeKeys: ['x', 'y'],
      used: 'y',
      in: 'shop.vault.azure.net',
    });
    const selected = {
      entries: new Map([
        ['b', secret('listed-b')],
        ['c', secret('listed-c')],
      ]),
      collisions: [collision('b'), collision('c')],
    };
    const vaultSecrets = new Map([['c', secret('named-c')]]);
    const of = (settings: readonly Setting[]) =>
      mergeSources(partsOf([settings]), { keys: KEYS, vaultSecrets }, { ...options, selected });
    const merged = of([plain('a', '1'), plain('b', '1'), plain('c', '1')]);
    expect([...merged.entries]).to.deep.equal([
      ['a', { kind: 'value', value: '1' }],
      ['b', secret('listed-b')],
      ['c', secret('named-c')],
    ]);
    expect(merged.collisions).to.deep.equal([collision('b')]);
    expect([merged.settingKeys, of([]).settingKeys, of([plain('c', '1')]).settingKeys]).to.deep.equal([
      3, 0, 1,
    ]);
  });

  it('tells which of colliding settings is used, also where a snapshot brings one of them', () => {
    const contentType = 'application/json; profile="https://azconfig.io/mime-profiles/snapshot-ref"';
    const refer = { key: 'b', value: '{"snapshot_name":"s"}', contentType, etag: 'e' };
    const snapshots = new Map([['s', [plain('x.z', 'from the snapshot')]]]);
    const parts = partsOf([[refer, plain('x.a.z', '1'), plain('z', '2')]]);
    const keys = { ...KEYS, trimPrefixes: ['x.', 'x.a.'] };
    const first = mergeSources(parts, { keys }, { ...options, snapshots });
    expect(first.collisions).to.deep.equal([{ key: 'z', storeKeys: ['x.a.z', 'x.z', 'z'], used: 'z' }]);
    const late = partsOf([[plain('x.a.z', '1'), { ...refer, key: 'zz' }]]);
    const second = mergeSources(late, { keys }, { ...options, snapshots });
    expect(second.collisions).to.deep.equal([{ key: 'z', storeKeys: ['x.a.z', 'x.z'], used: 'x.z' }]);
  });

  it('lets a plain value and a reference override each other', () => {
    const merged = merge([
      [plain('a', '1'), reference('b', 'db')],
      [],
      [reference('a', 'db'), plain('b', '2')],
      [],
    ]);
    expect(merged.entries.get('a')).to.deep.equal({
      kind: 'reference',
      reference: { vault: 'shop.vault.azure.net', name: 'db' },
    });
    expect(merged.entries.get('b')).to.deep.equal({ kind: 'value', value: '2' });
  });

  it('wins per final key, after trimming', () => {
    const merged = merge([[plain('app:a', '1')], [], [plain('a', '2')], []], ['app:']);
    expect([...merged.entries]).to.deep.equal([['a', { kind: 'value', value: '2' }]]);
    expect(merged.collisions).to.deep.equal([]);
  });

  it('reports two keys of one selector that become one, and takes the ordinally last', () => {
    const settings = [plain('b:x', '2'), plain('a:x', '1')];
    for (const list of [settings, settings.toReversed()]) {
      const merged = merge([list, []], ['a:', 'b:']);
      expect(merged.entries.get('x')).to.deep.equal({ kind: 'value', value: '2' });
      expect(merged.collisions).to.deep.equal([{ key: 'x', storeKeys: ['a:x', 'b:x'], used: 'b:x' }]);
    }
  });

  it('forgets a collision that a later selector decides', () => {
    expect(
      merge([[plain('b:x', '2'), plain('a:x', '1')], [], [plain('x', '3')], []], ['a:', 'b:']).collisions,
    ).to.deep.equal([]);
  });

  it('reports keys that replacements make one', () => {
    const keys = { ...KEYS, replace: [{ from: ':', to: '_' }] };
    const { entries, collisions } = mergeSources(
      partsOf([[plain('a_b', '1'), plain('a:b', '2')]]),
      { keys },
      options,
    );
    expect([...entries.keys()]).to.deep.equal(['a_b']);
    expect(collisions).to.deep.equal([{ key: 'a_b', storeKeys: ['a:b', 'a_b'], used: 'a_b' }]);
  });

  it('is not slowed down by thousands of keys that become one', () => {
    const keys = { ...KEYS, replace: [...'0123456789'].map((from) => ({ from, to: '' })) };
    const settings = Array.from({ length: 20_000 }, (_, index) => plain(`key${index}`, 'x'));
    // With a copy of the rivals for each key this takes ten seconds.
    const { collisions } = mergeSources(partsOf([settings]), { keys }, options);
    expect(collisions[0]?.storeKeys).to.have.length(20_000);
  });

  it('says when no setting carries the label of the environment', () => {
    expect(merge([[plain('a', '1')], []]).unmatchedEnvironment).to.equal(true);
    expect(merge([[plain('a', '1')], [plain('a', '2')], [], []]).unmatchedEnvironment).to.equal(false);
    const base = partsOf([[plain('a', '1')]]).slice(0, 1);
    expect(mergeSources(base, { keys: KEYS }, options).unmatchedEnvironment).to.equal(false);
  });

  it('skips and counts feature flags, and counts the settings of each part', () => {
    const flag = { key: '.appconfig.featureflag/x', value: '{}', contentType: FLAG_TYPE, etag: 'e' };
    expect(merge([[plain('a', '1'), flag], [plain('b', '1')]])).to.deep.include({
      counts: [1, 1],
      featureFlags: 1,
    });
  });

  it('keeps a stored null apart from an empty value, and a broken reference from a value', () => {
    const merged = merge([
      [
        { key: 'n', etag: 'e' },
        { key: 'r', value: 'secret', contentType: REFERENCE_TYPE, etag: 'e' },
      ],
      [],
    ]);
    expect(merged.entries.get('n')).to.deep.equal({ kind: 'value', value: null });
    expect(merged.entries.get('r')).to.have.property('kind', 'invalid-reference');
    expect(JSON.stringify([...merged.entries])).to.not.contain('"secret"');
  });

  it('agrees with a naive model for any settings in any order', () => {
    const prefixes = ['app:', 'app:orders:', 'orders:'];
    fc.assert(
      fc.property(fc.array(settingLists, { minLength: 2, maxLength: 6 }), (lists) => {
        const model = new Map<string, Setting>();
        for (const { settings } of partsOf(lists)) {
          for (const setting of [...settings].sort((a, b) => (a.key < b.key ? -1 : 1))) {
            if (contentKind(setting.contentType) !== 'feature-flag')
              model.set(trimKey(setting.key, prefixes), setting);
          }
        }
        const merged = merge(lists, prefixes);
        expect([...merged.entries.keys()]).to.deep.equal([...model.keys()].sort());
        for (const [key, { value, contentType }] of model) {
          const entry = merged.entries.get(key);
          if (contentKind(contentType) === 'reference')
            expect(entry?.kind).to.be.oneOf(['reference', 'invalid-reference']);
          else expect(entry).to.include({ kind: 'value', value: value ?? null });
        }
        expect(
          merge(
            lists.map((list) => list.toReversed()),
            prefixes,
          ),
        ).to.deep.equal(merged);
      }),
      { numRuns: 500 },
    );
  });
});
