import { expect } from 'chai';
import { giversOf } from '../../../../src/domain/secrets/givers.ts';
import type { ReferenceRecord } from '../../../../src/domain/secrets/references.ts';

const record = (keys?: readonly string[]): ReferenceRecord => ({
  reference: 'https://contoso.vault.azure.net/secrets/db',
  version: 'v1',
  digest: 'd',
  ...(keys === undefined ? {} : { made: { by: 'json:1', keys } }),
});
const givers = (records: Readonly<Record<string, ReferenceRecord>>) =>
  Object.fromEntries(giversOf(new Map(Object.entries(records))));

describe('the reference that gives a key', () => {
  it('is the last of those that are made into it, whatever the order of the records', () => {
    const [a, b] = [record(['x', 'y']), record(['x', 'z'])];
    expect(givers({ a, b })).to.deep.equal({ x: 'b', y: 'a', z: 'b' });
    expect(givers({ b, a })).to.deep.equal({ x: 'b', y: 'a', z: 'b' });
  });

  it('is the one that has it for itself, before and after all others', () => {
    const [a, m, z] = [record(['m', 'x']), record(), record(['m'])];
    expect(givers({ a, m, z })).to.deep.equal({ m: 'm', x: 'a' });
  });

  it('is one that is made into the key of another that became other keys', () => {
    expect(givers({ a: record(['m']), m: record(['m.x']) })).to.deep.equal({ m: 'a', 'm.x': 'm' });
  });
});
