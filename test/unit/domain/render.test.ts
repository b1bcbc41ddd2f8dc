import { expect } from 'chai';
import fc from 'fast-check';
import type { Failure, Result } from '../../../src/domain/failure.ts';
import type { ConfigMapFormat } from '../../../src/domain/plan.ts';
import {
  checkSize,
  type Data,
  type PlainValue,
  renderConfigMap,
  renderSecret,
} from '../../../src/domain/render.ts';

const KEY_VALUE: ConfigMapFormat = { kind: 'KeyValue' };
const FLAT: ConfigMapFormat = { kind: 'Json', file: 'f.json' };
const TREE: ConfigMapFormat = { ...FLAT, separator: ':' };
const JSON_TYPE = 'application/json';

const values = (record: Record<string, string | null>, contentType?: string): Map<string, PlainValue> =>
  new Map(
    Object.entries(record).map(([key, value]) => [
      key,
      contentType === undefined ? { value } : { value, contentType },
    ]),
  );

function rendered(result: Result<Data>): Data {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

function refused(result: Result<unknown>): Failure & { kind: 'blocked' } {
  if (result.ok || result.failure.kind !== 'blocked') throw new Error('it was not blocked');
  return result.failure;
}

const file = (map: ReadonlyMap<string, PlainValue>, format: ConfigMapFormat): string =>
  rendered(renderConfigMap(map, format))['f.json'] ?? '';

describe('rendering one entry per key', () => {
  it('writes values as they are, JSON too, and a stored null as an empty string', () => {
    const map = new Map([
      ...values({ b: '\n x "', a: '' }),
      ...values({ j: '{"n": 1.0}' }, JSON_TYPE),
      ...values({ z: null }),
    ]);
    const data = rendered(renderConfigMap(map, KEY_VALUE));
    expect(data).to.deep.equal({ a: '', b: '\n x "', j: '{"n": 1.0}', z: '' });
    expect(Object.keys(data)).to.deep.equal(['a', 'b', 'j', 'z']);
  });

  it('refuses keys that are illegal in a ConfigMap and names them with the remedy', () => {
    const failure = refused(renderConfigMap(values({ 'a:b': 'hunter2', ok: 'x', '': 'y' }), KEY_VALUE));
    expect(failure.reason).to.equal('InvalidKey');
    expect(failure.message).to.match(/these keys.*: "", "a:b"; cut prefixes with spec\.keys\.trimPrefixes/);
    expect(failure.message).to.not.contain('hunter2');
  });

  it('names ten illegal keys at most, and counts the rest', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`k:${index}`, 'x']));
    expect(refused(renderSecret(new Map(Object.entries(many)))).message).to.match(/"k:17" and 30 more;/);
  });

  it('writes secrets as text', () => {
    expect(
      rendered(
        renderSecret(
          new Map([
            ['b', 'é'],
            ['a', '1'],
          ]),
        ),
      ),
    ).to.deep.equal({ a: '1', b: 'é' });
  });
});

describe('rendering Json', () => {
  it('is one flat object with sorted keys, two spaces and a final newline', () => {
    expect(file(values({ 'b:c': 'x', a: '1' }), FLAT)).to.equal('{\n  "a": "1",\n  "b:c": "x"\n}\n');
    expect(file(new Map(), FLAT)).to.equal('{}\n');
  });

  it('splits keys at the separator, and makes arrays of children 0 to n-1', () => {
    const map = values({
      'a:b': '1',
      'a:c:d': '2',
      'l:1': 'y',
      'l:0': 'x',
      'g:0': 'x',
      'g:2': 'z',
      'o:0:n': 'p',
      'z:01': 'q',
      '0': 'r',
      'e::f': 's',
    });
    expect(JSON.parse(file(map, TREE))).to.deep.equal({
      0: 'r',
      a: { b: '1', c: { d: '2' } },
      e: { '': { f: 's' } },
      g: { 0: 'x', 2: 'z' },
      l: ['x', 'y'],
      o: [{ n: 'p' }],
      z: { '01': 'q' },
    });
  });

  it('keeps arrays of more than ten in numeric order', () => {
    const list = Array.from({ length: 12 }, (_, index) => `v${index}`);
    const map = values(Object.fromEntries(list.map((value, index) => [`l:${index}`, value])));
    expect(JSON.parse(file(map, TREE))).to.deep.equal({ l: list });
  });

  it('never makes the whole file an array', () => {
    expect(JSON.parse(file(values({ 0: 'a', 1: 'b' }), TREE))).to.deep.equal({ 0: 'a', 1: 'b' });
  });

  it('refuses a value against children, in either order, and names both keys', () => {
    for (const keys of [
      ['log', 'log:level'],
      ['log:level', 'log'],
    ]) {
      const failure = refused(
        renderConfigMap(values(Object.fromEntries(keys.map((key) => [key, 'hunter2']))), TREE),
      );
      expect(failure.reason).to.equal('HierarchyConflict');
      expect(failure.message).to.match(/key "log" has a value and also children, such as "log:level"/);
      expect(failure.message).to.not.contain('hunter2');
    }
    const embedded = new Map([...values({ log: '{"level":"x"}' }, JSON_TYPE), ...values({ 'log:to': 'y' })]);
    expect(refused(renderConfigMap(embedded, TREE)).reason).to.equal('HierarchyConflict');
  });

  it('embeds values of type JSON with their exact numbers, order and escapes', () => {
    const text =
      '{"big":12345678901234567890,"one":1.0,"e":1E400,"b":"\\u00e9 {[,:]}\\"","a":[],"o":{},"n":[null,true,-0]}';
    const out = file(
      new Map([['x', { value: text, contentType: 'application/ld+json; charset=utf-8' }]]),
      FLAT,
    );
    expect(out).to.equal(`{
  "x": {
    "big": 12345678901234567890,
    "one": 1.0,
    "e": 1E400,
    "b": "\\u00e9 {[,:]}\\"",
    "a": [],
    "o": {},
    "n": [
      null,
      true,
      -0
    ]
  }
}
`);
  });

  it('keeps a value that only claims to be JSON as a string, and a value of no type too', () => {
    const map = new Map([
      ...values({ a: '{"x":', b: '', c: '1 // one' }, JSON_TYPE),
      ...values({ d: '1', e: 'true', f: null }),
    ]);
    expect(JSON.parse(file(map, FLAT))).to.deep.equal({
      a: '{"x":',
      b: '',
      c: '1 // one',
      d: '1',
      e: 'true',
      f: null,
    });
  });

  it('embeds any JSON so that it parses to the same, however it was laid out', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 1, '\t'), (text, space) => {
        const value = JSON.stringify(JSON.parse(text), null, space);
        const out = file(new Map([['x', { value, contentType: JSON_TYPE }]]), FLAT);
        expect(JSON.stringify(JSON.parse(out).x)).to.equal(JSON.stringify(JSON.parse(text)));
        expect(out).to.equal(`${JSON.stringify({ x: 0 }, null, 2).replace('0', () => indented(value))}\n`);
      }),
    );
  });

  it('survives the way through JSON.parse, flat', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (entries) => {
        const map = new Map(entries);
        const parsed = JSON.parse(file(new Map([...map].map(([key, value]) => [key, { value }])), FLAT));
        expect(new Map(Object.entries(parsed))).to.have.property('size', map.size);
        for (const [key, value] of map)
          expect(Object.getOwnPropertyDescriptor(parsed, key)?.value).to.equal(value);
      }),
    );
  });

  it('survives the way through JSON.parse as a tree, whatever the order of the keys', () => {
    const segment = fc.constantFrom('a', 'b', '0', '1', '', '__proto__');
    const keys = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join(':'));
    fc.assert(
      fc.property(fc.uniqueArray(keys), (list) => {
        const map = values(
          Object.fromEntries(list.filter((key) => key !== '__proto__').map((key) => [key, key])),
        );
        const result = renderConfigMap(map, TREE);
        const clash = [...map.keys()].some((key) =>
          [...map.keys()].some((other) => other.startsWith(`${key}:`)),
        );
        expect(result.ok).to.equal(!clash);
        if (!result.ok) return;
        expect(renderConfigMap(new Map([...map].reverse()), TREE)).to.deep.equal(result);
        const parsed: unknown = JSON.parse(result.value['f.json'] ?? '');
        for (const key of map.keys()) {
          const leaf = key
            .split(':')
            .reduce<unknown>((at, name) => Object.getOwnPropertyDescriptor(at, name)?.value, parsed);
          expect(leaf).to.equal(key);
        }
      }),
    );
  });
});

/** `JSON.stringify` with two spaces, one level in. */
const indented = (value: string): string =>
  JSON.stringify(JSON.parse(value), null, 2).replaceAll('\n', '\n  ');

describe('the size of a target', () => {
  it('may be 1 MiB of values and not a byte more, counted in UTF-8', () => {
    const half = 'é'.repeat(256 * 1024);
    expect(checkSize({ a: half, b: half })).to.deep.equal({ ok: true, value: 1_048_576 });
    const failure = refused(checkSize({ a: half, b: `${half}x`, c: '' }, 'ConfigMap shop/orders'));
    expect(failure.reason).to.equal('TargetTooLarge');
    expect(failure.message).to.match(
      /^ConfigMap shop\/orders would hold 1048577 bytes.*the biggest: "b" \(524289 bytes\), "a"/,
    );
  });
});
