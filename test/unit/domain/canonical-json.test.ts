import { expect } from 'chai';
import fc from 'fast-check';
import { canonicalJson } from '../../../src/domain/canonical-json.ts';

describe('canonical JSON', () => {
  it('does not depend on the order of members, and leaves out what is undefined', () => {
    expect(canonicalJson({ b: [1, null, 'x'], a: { d: true, c: undefined } })).to.equal(
      '{"a":{"d":true},"b":[1,null,"x"]}',
    );
  });

  it('gives different texts for different values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const plain = (value: unknown) => JSON.stringify(sorted(value));
        const [x, y] = [a, b].map((value) => canonicalJson(value as Parameters<typeof canonicalJson>[0]));
        expect(x === y).to.equal(plain(a) === plain(b));
      }),
    );
  });
});

const sorted = (value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? Array.isArray(value)
      ? value.map(sorted)
      : value
    : Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, member]) => [name, sorted(member)])
        .concat([['{}', 0]]);
