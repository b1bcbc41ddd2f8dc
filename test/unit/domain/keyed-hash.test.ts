import { expect } from 'chai';
import fc from 'fast-check';
import { hashKey, hmacHex } from '../../../src/domain/keyed-hash.ts';
import { valueDigest } from '../../../src/domain/secrets/digests.ts';

const key = hashKey(Buffer.alloc(32, 1));
const otherKey = hashKey(Buffer.alloc(32, 2));

describe('the key of hashes', () => {
  it('has an id that tells keys apart and is no part of the key', () => {
    expect(key.id).to.match(/^[0-9a-f]{8}$/);
    expect(key.id).to.not.equal(otherKey.id);
  });
});

describe('digests of secret values', () => {
  it('are equal only for the same key, reference, version and value', () => {
    const parts = fc.tuple(
      fc.constantFrom(key, otherKey),
      fc.constantFrom('r', 'rv', ''),
      fc.constantFrom('v', 'vx', ''),
      fc.constantFrom('x', '', 'vx'),
    );
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(valueDigest(...a) === valueDigest(...b)).to.equal(a.every((part, index) => part === b[index]));
      }),
    );
  });

  it('cannot be mistaken for another hash of the same content', () => {
    expect(hmacHex(key, 'a', ['x'])).to.not.equal(hmacHex(key, 'b', ['x']));
    expect(valueDigest(key, 'r', 'v', 'x')).to.match(/^[0-9a-f]{32}$/);
  });
});
