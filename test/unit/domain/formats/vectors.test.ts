import { expect } from 'chai';
import { getProperties } from 'properties-file';
import { parse as parseYaml } from 'yaml';
import type { FileFormat, PlainValue } from '../../../../src/domain/formats/format.ts';
import { render } from '../../../../src/domain/targets/render.ts';
import { FILE, JSON_TYPE, values, written } from './values.ts';

/**
 * Settings whose rendering by Microsoft's own operator is known (its 2.6.5): the same result where that is right,
 * and what is different where it is not.
 */

const treeOf = (separator: string): FileFormat => ({ kind: 'Json', file: FILE, separator });
const parsed = (map: ReadonlyMap<string, PlainValue>, separator: string): unknown =>
  JSON.parse(written(map, treeOf(separator)));
const same = (keys: readonly string[]): Map<string, PlainValue> =>
  values(Object.fromEntries(keys.map((key) => [key, `value of ${key}`])));

const SHOP = new Map([
  ...values({
    'orders.currency': 'EUR',
    'orders.region': 'west',
    'orders.hosts.0.name': 'a',
    'orders.hosts.1.port': '8',
    'limits.retries': '1',
    note: '',
  }),
  ...values({ theme: '{"colors":{"main":"blue"}}' }, JSON_TYPE),
  ...values({ nothing: null }),
]);

describe('settings that are rendered by others as here', () => {
  it('become a hierarchy with arrays, embedded JSON, empty texts and nulls', () => {
    const expected = {
      limits: { retries: '1' },
      note: '',
      nothing: null,
      orders: { currency: 'EUR', hosts: [{ name: 'a' }, { port: '8' }], region: 'west' },
      theme: { colors: { main: 'blue' } },
    };
    expect(parsed(SHOP, '.')).to.deep.equal(expected);
    expect(parseYaml(written(SHOP, { kind: 'Yaml', file: FILE, separator: '.' }))).to.deep.equal(expected);
  });

  it('make no array of children that are not exactly 0 to n-1', () => {
    expect(parsed(same(['a_0', 'a_x']), '_')).to.deep.equal({ a: { 0: 'value of a_0', x: 'value of a_x' } });
    expect(parsed(same(['a_1', 'a_2']), '_')).to.deep.equal({ a: { 1: 'value of a_1', 2: 'value of a_2' } });
  });

  it('keep empty levels of keys that start, end or repeat a separator', () => {
    expect(parsed(same(['_a_b', 'c___d_', '.e_f.g_h']), '_')).to.deep.equal({
      '': { a: { b: 'value of _a_b' } },
      '.e': { 'f.g': { h: 'value of .e_f.g_h' } },
      c: { '': { '': { d: { '': 'value of c___d_' } } } },
    });
  });

  it('keep JSON as text in properties, and empty values', () => {
    const text = '{\n  "a": 1\n}';
    const map = new Map([...values({ j: text }, JSON_TYPE), ...values({ empty: '' })]);
    const out = written(map, { kind: 'Properties', file: FILE });
    expect(out).to.match(/^empty=$/m);
    expect({ ...getProperties(out) }).to.deep.equal({ empty: '', j: text });
  });
});

describe('settings that others lose, change or break on', () => {
  it('say so when a value and children, or JSON and a key below it, meet', () => {
    const embedded = new Map([...values({ a: '["p","q"]' }, JSON_TYPE), ...values({ 'a.x': 'r' })]);
    for (const map of [same(['a', 'a.b']), embedded]) {
      const result = render(map, { format: treeOf('.'), invalid: 'Fail', target: 't' });
      expect(result).to.have.nested.property('failure.reason', 'HierarchyConflict');
    }
  });

  it('keep numbers that no float can hold, and how they were written', () => {
    const text = '[9007199254740993,12345678901234567890,10000000,1.0]';
    const digits = /9007199254740993,?\s+(?:- )?12345678901234567890,?\s+(?:- )?10000000,?\s+(?:- )?1\.0\n/;
    for (const kind of ['Json', 'Yaml'] as const)
      expect(written(values({ n: text }, JSON_TYPE), { kind, file: FILE })).to.match(digits);
  });

  it('keep empty objects and arrays, and objects whose names are numbers, below a separator', () => {
    const map = values({ 'a.o': '{}', 'a.l': '[]', 'a.n': '{"0":1,"1":2}' }, JSON_TYPE);
    expect(parsed(map, '.')).to.deep.equal({ a: { l: [], n: { 0: 1, 1: 2 }, o: {} } });
  });

  it('tell 0 from 00 and 1 from +1', () => {
    expect(parsed(same(['a.0', 'a.00']), '.')).to.deep.equal({
      a: { 0: 'value of a.0', '00': 'value of a.00' },
    });
    expect(parsed(same(['a.0', 'a.+1']), '.')).to.deep.equal({
      a: { 0: 'value of a.0', '+1': 'value of a.+1' },
    });
  });

  it('leave <, > and & as they are', () => {
    expect(written(values({ a: '<b> & c' }), treeOf('.'))).to.contain('"<b> & c"');
  });

  it('come out in the same order, however they went in', () => {
    for (const kind of ['Json', 'Yaml', 'Properties'] as const) {
      const format: FileFormat = { kind, file: FILE };
      expect(written(new Map([...SHOP].reverse()), format)).to.equal(written(SHOP, format));
    }
  });
});
