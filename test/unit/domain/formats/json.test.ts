import { expect } from 'chai';
import fc from 'fast-check';
import { readDocument, writeDocument } from '../../../../src/domain/formats/document.ts';
import { type FileFormat, MAX_DEPTH } from '../../../../src/domain/formats/format.ts';
import { render } from '../../../../src/domain/targets/render.ts';
import { awkwardKeys, FILE, JSON_TYPE, jsonTexts, values, written } from './values.ts';

const FLAT: FileFormat = { kind: 'Json', file: FILE };
const TREE: FileFormat = { ...FLAT, separator: ':' };

/** The failure of a file that cannot be written. */
function refused(map: Parameters<typeof render>[0], format: FileFormat) {
  const result = render(map, { format, invalid: 'Fail', target: 'ConfigMap c' });
  if (result.ok || result.failure.kind !== 'blocked') throw new Error('it was not blocked');
  return result.failure;
}

describe('Json', () => {
  it('is one flat object with sorted keys, two spaces and a final newline', () => {
    expect(written(values({ 'b:c': 'x', a: '1' }), FLAT)).to.equal('{\n  "a": "1",\n  "b:c": "x"\n}\n');
    expect(written(new Map(), FLAT)).to.equal('{}\n');
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
    expect(JSON.parse(written(map, TREE))).to.deep.equal({
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
    expect(JSON.parse(written(map, TREE))).to.deep.equal({ l: list });
  });

  it('never makes the whole file an array', () => {
    expect(JSON.parse(written(values({ 0: 'a', 1: 'b' }), TREE))).to.deep.equal({ 0: 'a', 1: 'b' });
  });

  it('refuses a value against children, in either order, and names both keys', () => {
    for (const keys of [
      ['log', 'log:level'],
      ['log:level', 'log'],
    ]) {
      const failure = refused(values(Object.fromEntries(keys.map((key) => [key, 'hunter2']))), TREE);
      expect(failure.reason).to.equal('HierarchyConflict');
      expect(failure.message).to.match(/key "log" has a value and also children, such as "log:level"/);
      expect(failure.message).to.not.contain('hunter2');
    }
    const embedded = new Map([...values({ log: '{"level":"x"}' }, JSON_TYPE), ...values({ 'log:to': 'y' })]);
    expect(refused(embedded, TREE).reason).to.equal('HierarchyConflict');
  });

  it('embeds values of type JSON with their exact numbers, order and escapes', () => {
    const text =
      '{"big":12345678901234567890,"one":1.0,"e":1E400,"b":"\\u00e9 {[,:]}\\"","a":[],"o":{},"n":[null,true,-0]}';
    const out = written(
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
      ...values({ a: '{"x":', b: '', c: '1 /* one', g: '{"a":1,}', h: "'x'", i: '\u00a01' }, JSON_TYPE),
      ...values({ d: '1', e: 'true', f: null }),
    ]);
    expect(JSON.parse(written(map, FLAT))).to.deep.equal({
      a: '{"x":',
      b: '',
      c: '1 /* one',
      d: '1',
      e: 'true',
      f: null,
      g: '{"a":1,}',
      h: "'x'",
      i: '\u00a01',
    });
  });

  it('embeds JSON with comments, without them', () => {
    const text = `// first
{ /* { */ "a": "// no /* comment */", // "b"
  "c": /**/ [1 /* , 2 */, 3] }
/* last */`;
    expect(JSON.parse(written(values({ x: text }, 'application/json; charset=utf-8'), FLAT))).to.deep.equal({
      x: { a: '// no /* comment */', c: [1, 3] },
    });
  });

  it('keeps JSON as a string that is nested deeper than parsers of other languages read', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const { x, y } = JSON.parse(written(values({ x: nested(MAX_DEPTH), y: nested(5_000) }, JSON_TYPE), FLAT));
    expect(JSON.stringify(x)).to.equal(nested(MAX_DEPTH));
    expect(y).to.equal(nested(5_000));
  });

  it('reads back a file at the limit of both hierarchy and embedded JSON', () => {
    const deep = `${'['.repeat(MAX_DEPTH)}${']'.repeat(MAX_DEPTH)}`;
    for (const format of [FLAT, TREE]) {
      const key = Array.from({ length: MAX_DEPTH }, () => 'a').join(':');
      const lookup = readDocument(
        written(new Map([...values({ [key]: deep }, JSON_TYPE), ...values({ b: 'x' })]), format),
        format,
      );
      expect(lookup('b')).to.deep.equal({ value: 'x' });
      expect(JSON.stringify(JSON.parse(lookup(key)?.value ?? ''))).to.equal(deep);
    }
  });

  it('embeds empty collections and objects with numbers for names as they are', () => {
    const map = new Map([
      ...values({ 'a:o': '{}', 'a:l': '[]', 'a:n': '{"0":"x","1":"y"}' }, JSON_TYPE),
      ...values({ 'a:s': 's' }),
    ]);
    expect(JSON.parse(written(map, TREE))).to.deep.equal({
      a: { l: [], n: { 0: 'x', 1: 'y' }, o: {}, s: 's' },
    });
  });

  it('is read back by ourselves as it was, every number with its digits', () => {
    fc.assert(
      fc.property(fc.dictionary(awkwardKeys, jsonTexts), (settings) => {
        const out = written(values(settings, JSON_TYPE), FLAT);
        const lookup = readDocument(out, FLAT);
        const again = new Map(Object.keys(settings).map((key) => [key, lookup(key) ?? { value: 'lost' }]));
        expect(written(again, FLAT)).to.equal(out);
      }),
    );
  });

  it('embeds any JSON so that it parses to the same, however it was laid out', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 1, '\t'), (text, space) => {
        const value = JSON.stringify(JSON.parse(text), null, space);
        const out = written(new Map([['x', { value, contentType: JSON_TYPE }]]), FLAT);
        expect(JSON.stringify(JSON.parse(out).x)).to.equal(JSON.stringify(JSON.parse(text)));
        expect(out).to.equal(`${JSON.stringify({ x: 0 }, null, 2).replace('0', () => indented(value))}\n`);
      }),
    );
  });

  it('survives the way through JSON.parse, flat', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(awkwardKeys, fc.string())), (entries) => {
        const map = new Map(entries);
        const parsed = JSON.parse(written(new Map([...map].map(([key, value]) => [key, { value }])), FLAT));
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
        const result = writeDocument(map, TREE);
        const clash = [...map.keys()].some((key) =>
          [...map.keys()].some((other) => other.startsWith(`${key}:`)),
        );
        expect(result.ok).to.equal(!clash);
        if (!result.ok) return;
        expect(writeDocument(new Map([...map].reverse()), TREE)).to.deep.equal(result);
        const parsed: unknown = JSON.parse(result.value);
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
