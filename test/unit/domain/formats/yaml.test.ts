import { expect } from 'chai';
import fc from 'fast-check';
import { parse, parseDocument } from 'yaml';
import { readDocument } from '../../../../src/domain/formats/document.ts';
import type { FileFormat } from '../../../../src/domain/formats/format.ts';
import { layOut, parseJson } from '../../../../src/domain/formats/json-node.ts';
import { writeYaml } from '../../../../src/domain/formats/yaml.ts';
import { readYaml } from '../../../../src/domain/formats/yaml-reader.ts';
import { awkwardKeys, awkwardTexts, FILE, JSON_TYPE, jsonTexts, values, written } from './values.ts';

const FLAT: FileFormat = { kind: 'Yaml', file: FILE };
const TREE: FileFormat = { ...FLAT, separator: ':' };

const VERSIONS = ['1.1', '1.2'] as const;

describe('Yaml', () => {
  it('is block style with quoted strings, whatever they look like', () => {
    const map = values({
      'a:b': '1',
      'a:on': 'yes',
      'a:c:1': '2026-11-24',
      'a:c:0': 'line\n',
      'a:d:0:x': '',
      'a:d:0:y': 'é🙂',
      'a:1': '~',
      n: null,
    });
    expect(written(map, TREE)).to.equal(`a:
  "1": "~"
  b: "1"
  c:
    - "line\\n"
    - "2026-11-24"
  d:
    - x: ""
      "y": "é🙂"
  "on": "yes"
"n": null
`);
    expect(written(new Map(), TREE)).to.equal('{}\n');
  });

  it('embeds JSON with every digit of its numbers, and as numbers to readers of either version', () => {
    const text =
      '{"big":12345678901234567890,"one":1.0,"e":[1e5,-2E-7,1.50e+300],"o":{},"a":[],"l":[[1,[true]],[]],"s":"\\/\\ud83d\\ude42"}';
    const out = written(values({ x: text }, JSON_TYPE), FLAT);
    expect(out).to.equal(`x:
  big: 12345678901234567890
  one: 1.0
  e:
    - 1.0e+5
    - -2.0e-7
    - 1.50e+300
  o: {}
  a: []
  l:
    - - 1
      - - true
    - []
  s: "/🙂"
`);
    for (const version of VERSIONS) expect(parse(out, { version }).x.e).to.deep.equal([1e5, -2e-7, 1.5e300]);
    expect(parse(out, { intAsBigInt: true }).x.big).to.equal(12345678901234567890n);
  });

  it('quotes names that some readers of YAML 1.1 take for numbers', () => {
    for (const name of ['e0', 'E12', 'e-5', 'e_1']) {
      const out = written(values({ [name]: 'x' }), FLAT);
      expect(out).to.equal(`"${name}": "x"\n`);
      for (const version of VERSIONS) expect(parse(out, { version })).to.deep.equal({ [name]: 'x' });
    }
    expect(written(values({ e2e: 'x' }), FLAT)).to.equal('e2e: "x"\n');
  });

  it('takes the last of two members of one name, since YAML allows only one', () => {
    expect(parse(written(values({ x: '{"a":1,"b":2,"a":3}' }, JSON_TYPE), FLAT))).to.deep.equal({
      x: { a: 3, b: 2 },
    });
  });

  it('announces keys that are too long for the way they are mostly written', () => {
    const key = `${'k'.repeat(2_000)}"`;
    const map = new Map([...values({ [key]: 'v' }), ...values({ [`${key}2`]: '[{"a":[1]}]' }, JSON_TYPE)]);
    const out = written(map, FLAT);
    for (const version of VERSIONS)
      expect(parse(out, { version })).to.deep.equal({ [key]: 'v', [`${key}2`]: [{ a: [1] }] });
    expect(readDocument(out, FLAT)(key)).to.deep.equal({ value: 'v' });
  });

  for (const version of VERSIONS) {
    it(`is read back by a parser of YAML ${version} as it was, without a warning`, () => {
      fc.assert(
        fc.property(fc.dictionary(awkwardKeys, awkwardTexts), jsonTexts, (settings, text) => {
          const map = new Map([
            ...values(settings),
            ['json', { value: text, contentType: JSON_TYPE }] as const,
          ]);
          const document = parseDocument(written(map, FLAT), { version });
          expect([...document.errors, ...document.warnings]).to.deep.equal([]);
          const { json, ...rest } = plain(document.toJS());
          expect(rest).to.deep.equal(plain(withoutJson(settings)));
          expect(same(json)).to.equal(same(JSON.parse(text)));
        }),
      );
    });
  }

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

  it('that someone edited is read as nothing, or as what is there, but never throws', () => {
    fc.assert(
      fc.property(jsonTexts, fc.nat(), fc.string({ maxLength: 3 }), (text, at, edit) => {
        const node = parseJson(text);
        if (node === undefined) throw new Error('no JSON');
        const out = writeYaml(node);
        expect(layOut(readYaml(out) ?? { kind: 'array', items: [] })).to.be.a('string');
        const place = at % out.length;
        expect(() => readYaml(out.slice(0, place) + edit + out.slice(place + 1))).to.not.throw();
      }),
    );
  });
});

const withoutJson = ({ json: _, ...rest }: Record<string, unknown>) => rest;

/** Own members only, so that `__proto__` is one. */
const plain = (value: object): Record<string, unknown> => Object.fromEntries(Object.entries(value));

/** -0 is 0 to YAML. */
const same = (value: unknown): string => JSON.stringify(value, (_, member) => (member === 0 ? 0 : member));
