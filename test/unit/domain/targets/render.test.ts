import { expect } from 'chai';
import type { Failure, Result } from '../../../../src/domain/failure.ts';
import type { Format, PlainValue } from '../../../../src/domain/formats/format.ts';
import { type Data, render } from '../../../../src/domain/targets/render.ts';
import { JSON_TYPE, values } from '../formats/values.ts';

const KEY_VALUE: Format = { kind: 'KeyValue' };
const DOT_ENV: Format = { kind: 'DotEnv', file: '.env' };
const TREE: Format = { kind: 'Json', file: 'f.json', separator: ':' };

const rendering = (
  map: ReadonlyMap<string, PlainValue>,
  format: Format = KEY_VALUE,
  invalid: 'Fail' | 'Skip' = 'Fail',
): Result<Data> => render(map, { format, invalid, target: 'ConfigMap orders' });

function rendered(...input: Parameters<typeof rendering>): Data {
  const result = rendering(...input);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

function refused(...input: Parameters<typeof rendering>): Failure & { kind: 'blocked' } {
  const result = rendering(...input);
  if (result.ok || result.failure.kind !== 'blocked') throw new Error('it was not blocked');
  return result.failure;
}

describe('rendering one entry per key', () => {
  it('writes values as they are, JSON too, and a stored null as an empty string', () => {
    const map = new Map([
      ...values({ b: '\n x "', a: '' }),
      ...values({ j: '{"n": 1.0}' }, JSON_TYPE),
      ...values({ z: null }),
    ]);
    const data = rendered(map);
    expect(data).to.deep.equal({ a: '', b: '\n x "', j: '{"n": 1.0}', z: '' });
    expect(Object.keys(data)).to.deep.equal(['a', 'b', 'j', 'z']);
  });
});

describe('keys that a format cannot hold', () => {
  it('are refused and named, with the target and the remedy', () => {
    const failure = refused(values({ 'a:b': 'hunter2', ok: 'x', '': 'y' }));
    expect(failure.reason).to.equal('InvalidKey');
    expect(failure.message).to.match(
      /^ConfigMap orders cannot hold 2 keys: "", "a:b"; a key of a ConfigMap or Secret has letters.*: change keys with spec\.keys\.trimPrefixes or spec\.keys\.replace/,
    );
    expect(failure.message).to.not.contain('hunter2');
  });

  it('are named ten at most, and the rest is counted', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`k:${index}`, 'x']));
    expect(refused(values(many)).message).to.match(/"k:17" and 30 more;/);
  });

  it('are left out if that is asked for', () => {
    expect(rendered(values({ 'a:b': 'x', ok: 'y' }), KEY_VALUE, 'Skip')).to.deep.equal({ ok: 'y' });
    expect(rendered(values({ 'a-b': 'x', ok: 'y' }), DOT_ENV, 'Skip')).to.deep.equal({ '.env': 'ok=y\n' });
  });

  it('are those that name no environment variable in DotEnv', () => {
    const keys = ['A', '_a1', '1a', 'a-b', 'a.b', 'ä', ''];
    expect(refused(values(Object.fromEntries(keys.map((key) => [key, 'x']))), DOT_ENV).message).to.match(
      /cannot hold 5 keys: "", "1a", "a-b", "a\.b", "ä"; the name of an environment variable/,
    );
  });

  it('are those that nest too deep, are empty or too long in any other format', () => {
    const keys = {
      [Array.from({ length: 65 }, () => 'a').join(':')]: '',
      '': '',
      ['x'.repeat(10_241)]: '',
      ok: '',
    };
    expect(refused(values(keys), TREE).message).to.match(
      /cannot hold 3 keys: .*; a key has 1 to 10240 characters and at most 64 levels/,
    );
    expect(rendered(values(keys), TREE, 'Skip')).to.deep.equal({ 'f.json': '{\n  "ok": ""\n}\n' });
    const properties = { kind: 'Properties', file: 'p' } as const;
    expect(refused(values({ '': 'x' }), properties).message).to.match(
      /cannot hold key ""; a key has 1 to 10240/,
    );
    expect(rendered(values({ 'x:': 'x' }), properties)).to.deep.equal({ p: 'x\\:=x\n' });
  });
});

describe('the size of a target', () => {
  it('may be 1 MiB of values and not a byte more, counted in UTF-8', () => {
    const half = 'é'.repeat(256 * 1024);
    expect(rendering(values({ a: half, b: half })).ok).to.equal(true);
    const failure = refused(values({ a: half, b: `${half}x`, c: '' }));
    expect(failure.reason).to.equal('TargetTooLarge');
    expect(failure.message).to.match(
      /^ConfigMap orders would hold 1048577 bytes.*the biggest: "b" \(524289 bytes\), "a"/,
    );
  });

  it('names the biggest keys of a file, not the file', () => {
    const failure = refused(values({ a: 'x'.repeat(1_048_576), b: 'y' }), TREE);
    expect(failure.message).to.match(/the biggest: "a" \(1048576 bytes\), "b" \(1 bytes\);/);
  });
});
