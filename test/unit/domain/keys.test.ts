import { expect } from 'chai';
import fc from 'fast-check';
import { isDataKey, MAX_KEY, mapKey, showKey, showKeys, trimKey } from '../../../src/domain/keys.ts';

describe('keys', () => {
  it('lose the longest prefix that fits, once, whatever the order of the list', () => {
    expect(trimKey('app:orders:x', ['app:', 'app:orders:'])).to.equal('x');
    expect(trimKey('app:orders:x', ['app:orders:', 'app:'])).to.equal('x');
    expect(trimKey('app:app:x', ['app:'])).to.equal('app:x');
    expect(trimKey('other', ['app:'])).to.equal('other');
  });

  it('keep a prefix that is all they have', () => {
    expect(trimKey('app:', ['app:'])).to.equal('app:');
    expect(trimKey('app:', ['app:', 'app'])).to.equal(':');
  });

  it('never become empty, and keep their end', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', ':'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(texts, fc.array(texts), (key, prefixes) => {
        const trimmed = trimKey(key, prefixes);
        expect(trimmed).to.not.equal('');
        expect(key.endsWith(trimmed)).to.equal(true);
        const cut = key.slice(0, key.length - trimmed.length);
        const fitting = prefixes.filter((prefix) => key.startsWith(prefix) && prefix !== key);
        expect(cut.length).to.equal(Math.max(0, ...fitting.map(({ length }) => length)));
      }),
    );
  });

  it('are replaced after they were trimmed, in order, everywhere, literally', () => {
    const rules = {
      trimPrefixes: ['app:'],
      replace: [
        { from: ':', to: '__' },
        { from: '__db', to: '$&.' },
      ],
    };
    expect(mapKey('app:a:b:db', rules)).to.equal('a__b$&.');
    expect(mapKey('app:.*', { trimPrefixes: [], replace: [{ from: '.', to: '' }] })).to.equal('app:*');
  });

  it('grow no further than any legal key', () => {
    const replace = Array.from({ length: 32 }, () => ({ from: 'a', to: 'a'.repeat(64) }));
    const mapped = mapKey('aaa', { trimPrefixes: [], replace });
    expect(mapped.length).to.be.within(MAX_KEY + 1, MAX_KEY * 64);
  });

  it('are legal in a ConfigMap exactly as the API server says', () => {
    for (const key of ['a', 'A_b-1.c', '.a', '-', 'a..b', '__proto__', 'x'.repeat(253)])
      expect(isDataKey(key), key).to.equal(true);
    for (const key of ['', '.', '..', '..a', 'a/b', 'a:b', 'a b', 'ä', 'x'.repeat(254)])
      expect(isDataKey(key), key).to.equal(false);
  });

  it('are shown quoted and cut, ten at most', () => {
    expect(showKey('a"b')).to.equal('"a\\"b"');
    expect(showKey('x'.repeat(300))).to.have.length(83);
    expect(showKeys(['a', 'b'])).to.equal('"a", "b"');
    expect(showKeys(Array.from({ length: 12 }, () => 'k'))).to.match(/"k" and 2 more$/);
  });
});
