import { expect } from 'chai';
import { membersTwice, memberTwiceMessage } from '../../../../src/domain/secrets/members-twice.ts';
import type { ReferenceRecord } from '../../../../src/domain/secrets/references.ts';

const record = (name: string, keys?: readonly string[]): ReferenceRecord => ({
  reference: `https://contoso.vault.azure.net/secrets/${name}`,
  version: 'v1',
  digest: 'd',
  ...(keys === undefined ? {} : { made: { by: 'json:1', keys } }),
});
const twice = (records: Readonly<Record<string, ReferenceRecord>>) =>
  membersTwice(new Map(Object.entries(records))).map(({ key, givers }) => [
    key,
    ...givers.map((giver) => giver.key),
  ]);

describe('members of several secrets for one key', () => {
  it('are found, each key once, in one order whatever the order of the records', () => {
    const [a, b, c] = [record('a', ['x', 'y', 'z']), record('b', ['y', 'x']), record('c', ['x'])];
    const found = [
      ['x', 'a', 'b', 'c'],
      ['y', 'a', 'b'],
    ];
    expect(twice({ a, b, c })).to.deep.equal(found);
    expect(twice({ c, b, a })).to.deep.equal(found);
  });

  it('are not what a reference has for itself, nor members of one secret alone', () => {
    expect(twice({ a: record('a', ['x', 'y']), x: record('x'), b: record('b') })).to.deep.equal([]);
    expect(twice({ a: record('a', ['b']), b: record('b', ['b', 'c']) })).to.deep.equal([]);
  });

  it('are told with five of many secrets, that which is used among them', () => {
    const many = Object.fromEntries(
      Array.from({ length: 7 }, (_, index) => [`k${index}`, record(`s${index}`, ['x'])]),
    );
    const [first] = membersTwice(new Map(Object.entries(many)));
    expect(first && memberTwiceMessage(first)).to.match(
      /^the secrets of "k2" \(s2 of contoso\.vault\.azure\.net\), .*"k6" \(s6 of [^)]+\) and 2 more are expanded and all give key "x"; that of "k6" is used$/,
    );
  });
});
