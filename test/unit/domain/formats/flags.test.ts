import { expect } from 'chai';
import fc from 'fast-check';
import {
  type FeatureFlag,
  readFlags,
  replaceFlags,
  type TreeFormat,
} from '../../../../src/domain/formats/flags-section.ts';
import type { PlainValue } from '../../../../src/domain/formats/format.ts';
import { layOut, parseJson } from '../../../../src/domain/formats/json-node.ts';
import { ordinal } from '../../../../src/domain/keys.ts';
import { render } from '../../../../src/domain/targets/render.ts';
import { awkwardKeys, awkwardTexts, JSON_TYPE, jsonTexts, values } from './values.ts';

const FORMATS: readonly TreeFormat[] = [
  { kind: 'Json', file: 'f' },
  { kind: 'Json', file: 'f', separator: ':' },
  { kind: 'Yaml', file: 'f' },
  { kind: 'Yaml', file: 'f', separator: ':' },
];

function flagOf(id: string, rest = '1'): FeatureFlag {
  const node = parseJson(`{"id": ${JSON.stringify(id)}, "x": ${rest}}`);
  if (node === undefined) throw new Error('no JSON');
  return { id, node };
}

const rendered = (map: ReadonlyMap<string, PlainValue>, format: TreeFormat, flags?: readonly FeatureFlag[]) =>
  render(map, { format, invalid: 'Skip', target: 'ConfigMap c', ...(flags === undefined ? {} : { flags }) });

function file(map: ReadonlyMap<string, PlainValue>, format: TreeFormat, flags?: readonly FeatureFlag[]) {
  const data = rendered(map, format, flags);
  if (!data.ok) throw new Error(JSON.stringify(data.failure));
  return data.value['f'] ?? '';
}

const byId = (flags: readonly FeatureFlag[]) => flags.toSorted((a, b) => ordinal(a.id, b.id));

const flagLists = fc
  .uniqueArray(fc.tuple(awkwardTexts, jsonTexts), { selector: ([id]) => id, maxLength: 4 })
  .map((list) => list.filter(([id]) => id.isWellFormed()).map(([id, text]) => flagOf(id, text)));

const documents = fc.oneof(
  fc.dictionary(awkwardKeys, awkwardTexts, { maxKeys: 5 }).map((record) => values(record)),
  fc.dictionary(awkwardKeys, jsonTexts, { maxKeys: 5 }).map((record) => values(record, JSON_TYPE)),
);

describe('the flags of a file', () => {
  it('stand at its top level, among the keys in their order', () => {
    const text = file(values({ z: '1', a: '2' }), { kind: 'Json', file: 'f' }, [flagOf('b'), flagOf('a')]);
    expect(Object.keys(JSON.parse(text))).to.deep.equal(['a', 'feature_management', 'z']);
    expect(JSON.parse(text).feature_management).to.deep.equal({
      feature_flags: [
        { id: 'a', x: 1 },
        { id: 'b', x: 1 },
      ],
    });
    expect(JSON.parse(file(new Map(), { kind: 'Json', file: 'f' }, []))).to.deep.equal({
      feature_management: { feature_flags: [] },
    });
  });

  it('keep the exact text of numbers in both formats', () => {
    const flags = [flagOf('a', '[1.10, 12345678901234567890]')];
    for (const format of FORMATS)
      expect(file(new Map(), format, flags))
        .to.contain('1.10')
        .and.to.contain('12345678901234567890');
  });

  it('are not there, not even as an empty list, where none are asked for', () => {
    expect(file(values({ a: '1' }), { kind: 'Json', file: 'f' })).to.equal('{\n  "a": "1"\n}\n');
  });

  it('are refused beside a key that stands in their place, and both are named', () => {
    for (const [key, format] of [
      ['feature_management', FORMATS[0]],
      ['feature_management', FORMATS[3]],
      ['feature_management:feature_flags', FORMATS[1]],
      ['feature_management:x', FORMATS[3]],
    ] as const) {
      if (format === undefined) throw new Error('no format');
      const data = rendered(values({ [key]: 'mine' }), format, [flagOf('a')]);
      if (data.ok || data.failure.kind !== 'blocked') throw new Error('it was not blocked');
      expect(data.failure.reason).to.equal('HierarchyConflict');
      expect(data.failure.message).to.contain(JSON.stringify(key)).and.to.contain('spec.featureFlags');
      expect(data.failure.message).to.not.contain('mine');
    }
    expect(rendered(values({ 'feature_management:x': 'a' }), { kind: 'Json', file: 'f' }, []).ok).to.equal(
      true,
    );
    expect(rendered(values({ feature_management: 'a' }), { kind: 'Json', file: 'f' }).ok).to.equal(true);
  });

  it('count among what is too large', () => {
    const data = rendered(new Map(), { kind: 'Json', file: 'f' }, [
      flagOf('a', JSON.stringify('x'.repeat(1_100_000))),
    ]);
    if (data.ok || data.failure.kind !== 'blocked') throw new Error('it was not blocked');
    expect(data.failure.message).to.match(/biggest: "feature_management" \(1100\d+ bytes\)/);
  });

  it('are read back as they were written (property)', () => {
    fc.assert(
      fc.property(documents, flagLists, fc.constantFrom(...FORMATS), (map, flags, format) => {
        const text = file(map, format, flags);

        const read = (list: Iterable<FeatureFlag>) => [...list].map(({ node }) => JSON.parse(layOut(node)));
        expect(read(readFlags(text, format).values())).to.deep.equal(read(byId(flags)));
      }),
    );
  });

  it('are replaced so that the file is, byte for byte, what it would be if written anew (property)', () => {
    fc.assert(
      fc.property(
        documents,
        flagLists,
        flagLists,
        fc.constantFrom(...FORMATS),
        (map, before, after, format) => {
          const replaced = replaceFlags(file(map, format, before), format, after);
          expect(replaced).to.equal(file(map, format, after));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are not put into a file that has none, or that was not written here', () => {
    for (const format of FORMATS) {
      expect(replaceFlags(file(values({ a: '1' }), format), format, [flagOf('a')])).to.equal(undefined);
      expect(replaceFlags('feature_management: &x {}', format, [flagOf('a')])).to.equal(undefined);
      expect(replaceFlags('', format, [])).to.equal(undefined);
    }
  });
});
