import { expect } from 'chai';
import fc from 'fast-check';
import { expandJson, expansionOf } from '../../../../src/domain/secrets/expand-json.ts';

const rules = { trimPrefixes: [], replace: [] };
const expanded = (value: string, options: object = {}) => {
  const result = expandJson(value, { key: 'db', separator: '.', rules, ...options });
  return result.ok ? Object.fromEntries(result.content) : result.problem;
};

describe('a JSON object in a secret', () => {
  it('gives each member a key of its own, nested ones by their path, items of arrays by their place', () => {
    const value = '{"user":"ann","pool":{"size":10,"hosts":["a","b"]},"tls":true}';
    expect(expanded(value)).to.deep.equal({
      'db.user': 'ann',
      'db.pool.size': '10',
      'db.pool.hosts.0': 'a',
      'db.pool.hosts.1': 'b',
      'db.tls': 'true',
    });
  });

  it('keeps every digit of numbers and the text of strings', () => {
    expect(expanded(String.raw`{"big":12345678901234567890,"exact":1.10,"text":"a\nb\u00e4"}`)).to.deep.equal(
      {
        'db.big': '12345678901234567890',
        'db.exact': '1.10',
        'db.text': 'a\nbä',
      },
    );
  });

  it('writes null as an empty string, and what is empty as it is', () => {
    expect(expanded('{"a":null,"b":{},"c":[]}')).to.deep.equal({ 'db.a': '', 'db.b': '{}', 'db.c': '[]' });
    expect(expanded('{}')).to.deep.equal({});
  });

  it('takes the last of two members of one name', () => {
    expect(expanded('{"a":{"x":"1"},"a":{"y":"2"}}')).to.deep.equal({ 'db.a.y': '2' });
  });

  it('maps the whole key as that of a setting', () => {
    const mapping = { trimPrefixes: ['db:'], replace: [{ from: ':', to: '__' }] };
    expect(expanded('{"user":"ann","pool":{"size":1}}', { separator: ':', rules: mapping })).to.deep.equal({
      user: 'ann',
      pool__size: '1',
    });
  });

  for (const value of [
    '',
    'hunter2',
    '"hunter2"',
    '["hunter2"]',
    '{"a":"hunter2"',
    'null',
    '{"a":hunter2}',
  ]) {
    it(`is none in ${JSON.stringify(value)}, and the problem does not quote it`, () => {
      expect(expanded(value)).to.equal('is no JSON object');
    });
  }

  it('is refused when two members become one key, without naming them', () => {
    expect(expanded('{"a.b":"1","a":{"b":"2"}}')).to.equal('has two members that become the same key');
  });

  it('comes back from its keys, whatever it holds', () => {
    const names = fc.stringMatching(/^[a-z]{1,5}$/);
    const objects = fc.dictionary(names, fc.dictionary(names, fc.string(), { minKeys: 1 }), { minKeys: 1 });
    fc.assert(
      fc.property(objects, (object) => {
        const wanted = Object.entries(object).flatMap(([name, inner]) =>
          Object.entries(inner).map(([below, text]) => [`db.${name}.${below}`, text]),
        );
        expect(expanded(JSON.stringify(object))).to.deep.equal(Object.fromEntries(wanted));
      }),
    );
  });
});

describe('the references that are expanded', () => {
  const planned = { keys: ['db', 'rabbit:*'], separator: '__' };
  const isExpanded = (key: string) => expansionOf(key, rules, planned) !== undefined;

  it('are those of a key, or of keys that begin as one with * at its end', () => {
    expect(['db', 'rabbit:', 'rabbit:eu'].every(isExpanded)).to.equal(true);
    expect(['dbx', 'd', 'rabbit', 'Rabbit:eu'].some(isExpanded)).to.equal(false);
    expect(expansionOf('db', rules, undefined)).to.equal(undefined);
  });
});
