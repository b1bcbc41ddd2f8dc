import { expect } from 'chai';
import fc from 'fast-check';
import { encodeFormat, type Format } from '../../../../src/domain/formats/format.ts';
import { desiredTarget } from '../../../../src/domain/targets/desired-target.ts';
import { previousFlags, previousValues } from '../../../../src/domain/targets/previous-value.ts';
import { type Data, render } from '../../../../src/domain/targets/render.ts';
import type { TargetObject } from '../../../../src/domain/targets/targets.ts';
import { DEFAULT_TERMS } from '../../../support/terms.ts';
import { awkwardTexts, values } from '../formats/values.ts';

const JSON_FILE: Format = { kind: 'Json', file: 'settings.json' };

/** A target as it would be found later. */
function targetOf(kind: 'ConfigMap' | 'Secret', data: Data, format: Format): TargetObject {
  const binding = { name: 'orders', uid: 'u' };
  const input = {
    kind,
    namespace: 'shop',
    name: 't',
    binding,
    terms: DEFAULT_TERMS,
    data,
    format,
    inputHash: 'h',
  };
  const annotations = { 'appconfig.dev/format': encodeFormat(format) };
  return { metadata: { name: 't', annotations }, data: desiredTarget(input).data };
}

const lookup = (data: Data, format: Format) =>
  previousValues('ConfigMap', targetOf('ConfigMap', data, format));

describe('the previous value of a key', () => {
  it('is the entry of a KeyValue target', () => {
    const earlier = lookup({ a: '1' }, { kind: 'KeyValue' });
    expect(earlier('a')).to.deep.equal({ value: '1' });
    expect(earlier('b')).to.equal(undefined);
    expect(earlier('toString')).to.equal(undefined);
  });

  it('is found in a file, also below a separator', () => {
    const data = { 'settings.json': '{"a:b": "flat", "a": {"c": ["deep"]}}' };
    expect(lookup(data, JSON_FILE)('a:b')).to.deep.equal({ value: 'flat' });
    const tree = lookup(data, { ...JSON_FILE, separator: ':' });
    expect(tree('a:c:0')).to.deep.equal({ value: 'deep' });
    expect(tree('a:c:00')).to.equal(undefined);
    expect(tree('a:d')).to.equal(undefined);
  });

  it('keeps the exact text of numbers', () => {
    expect(lookup({ 'settings.json': '{"n": 1.10000000000000000001}' }, JSON_FILE)('n')).to.deep.equal({
      value: '1.10000000000000000001',
      contentType: 'application/json',
    });
  });

  it('is nothing where there is no target, no file, or none of ours', () => {
    expect(previousValues('Secret', undefined)('a')).to.equal(undefined);
    expect(lookup({}, JSON_FILE)('a')).to.equal(undefined);
    for (const kind of ['Json', 'Yaml', 'Properties', 'DotEnv'] as const)
      expect(lookup({ f: '{' }, { kind, file: 'f' })('a'), kind).to.equal(undefined);
    expect(lookup({ a: '1' }, { kind: 'Json', file: '__proto__' })('a')).to.equal(undefined);
  });

  it('is looked for in no time that anyone could notice, whatever someone wrote there', () => {
    const hostile = ['"\\', '"a', '/*', '/*/', '- ', '? ', '[', "A='x\n", 'a:\n', '\\', '{"a":', "'", '=\\'];
    for (const unit of hostile) {
      const data = { f: `${unit.repeat(200_000 / unit.length)}\n` };
      for (const kind of ['Json', 'Yaml', 'Properties', 'DotEnv'] as const)
        expect(lookup(data, { kind, file: 'f' })('a')?.value ?? '', `${kind} ${unit}`).to.be.a('string');
    }
    // Quadratic work takes minutes.
  }).timeout(30_000);

  it('is read as entries where nothing of ours says in which format it was written', () => {
    for (const format of ['', '{', 'null', '[]', '{"kind":"Json"}', '{"kind":"Toml","file":"f"}']) {
      const target = {
        metadata: { name: 't', annotations: { 'appconfig.dev/format': format } },
        data: { a: '1' },
      };
      expect(previousValues('ConfigMap', target)('a'), format).to.deep.equal({ value: '1' });
    }
  });

  const formats: readonly Format[] = [
    { kind: 'KeyValue' },
    { kind: 'Json', file: 'f', separator: '_' },
    { kind: 'Yaml', file: 'f', separator: '_' },
    { kind: 'Properties', file: 'f' },
    { kind: 'DotEnv', file: 'f' },
  ];
  for (const format of formats) {
    for (const kind of ['ConfigMap', 'Secret'] as const) {
      it(`is exactly what a ${kind} was written with (${format.kind})`, () => {
        const keys = fc.stringMatching(/^[a-z_][a-z0-9_]{0,6}$/);
        fc.assert(
          fc.property(fc.dictionary(keys, awkwardTexts), (settings) => {
            const data = render(values(settings), { format, invalid: 'Fail', target: 't' });
            if (!data.ok) return;
            const earlier = previousValues(kind, targetOf(kind, data.value, format));
            for (const [key, value] of Object.entries(settings))
              expect(earlier(key)).to.deep.equal({ value });
          }),
        );
      });
    }
  }
});

describe('the previous feature flags', () => {
  const text = '{"feature_management": {"feature_flags": [{"id": "Beta", "enabled": true}]}}';
  const ids = (data: Data, format: Format, kind: 'ConfigMap' | 'Secret' = 'ConfigMap') => [
    ...previousFlags(kind, targetOf(kind, data, format)).keys(),
  ];

  it('are those of the file in which the target was written', () => {
    for (const kind of ['ConfigMap', 'Secret'] as const)
      expect(ids({ a: text, b: '{}' }, { kind: 'Json', file: 'a' }, kind), kind).to.deep.equal(['Beta']);
  });

  it('are none where there is no target, no file, or none of ours', () => {
    expect(previousFlags('Secret', undefined).size).to.equal(0);
    expect(ids({}, JSON_FILE)).to.deep.equal([]);
    expect(ids({ f: 'no: "file' }, { kind: 'Yaml', file: 'f' })).to.deep.equal([]);
    expect(ids({ f: text }, { kind: 'Properties', file: 'f' })).to.deep.equal([]);
    expect(ids({ f: text }, { kind: 'KeyValue' })).to.deep.equal([]);
    expect(ids({ a: text }, { kind: 'Json', file: '__proto__' })).to.deep.equal([]);
  });
});
