import { expect } from 'chai';
import fc from 'fast-check';
import { parseTagFilters } from '../../../../dev/azure/appconfig/tagfilters.ts';
import { encodeFilter, labelFilter, tagFilter } from '../../../../src/adapters/azure/store-filter.ts';
import { nextOfLink, unquoted } from '../../../../src/adapters/azure/store-pages.ts';

/** What the SDK does to a value it is told not to encode. */
const asSdk = (text: string): string =>
  text
    .split(/(%[0-9A-Fa-f]{2})/g)
    .map((part) => (/%[0-9A-Fa-f]/.test(part) ? part : encodeURI(part)))
    .join('');

/** What a server reads from a query of these values. */
function received(key: string, label: string) {
  const url = new URL(`https://s.azconfig.io/kv?key=${asSdk(key)}&label=${asSdk(label)}`);
  return { key: url.searchParams.get('key'), label: url.searchParams.get('label') };
}

describe('filters on the wire', () => {
  it('arrive as they were written, for any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary', minLength: 1 }),
        (key, label) => {
          const { keyFilter, labelFilter: encoded } = encodeFilter({ key, label });
          expect(received(keyFilter, encoded)).to.deep.equal({ key, label: labelFilter(label) });
        },
      ),
    );
  });

  it('match exactly one label, whatever it contains', () => {
    const literal = (filter: string) => filter.replace(/\\(.)/gsu, '$1');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '*', ',', '\\', '%'), minLength: 1 }), (label) => {
        const filter = labelFilter(label);
        expect(literal(filter)).to.equal(label);
        expect(filter.replace(/\\./gs, '')).not.to.match(/[*,\\]/);
      }),
    );
  });

  it('never become an empty label filter, which would match every label', () => {
    expect([labelFilter(null), labelFilter('')]).to.deep.equal(['\0', '\0']);
    expect(encodeFilter({ key: '*', label: null })).to.deep.equal({ keyFilter: '*', labelFilter: '%00' });
  });

  it('name tags such that the store reads name and value as they are', () => {
    const texts = fc.string({
      unit: fc.constantFrom('a', '=', '*', ',', '\\', '%', '&', '漢'),
      maxLength: 8,
    });
    const names = texts.filter((name) => name !== '');
    fc.assert(
      fc.property(names, texts, (name, value) => {
        expect(parseTagFilters([tagFilter([name, value])])).to.deep.equal([{ name, value }]);
      }),
    );
  });

  it('carry tags only where some are asked for', () => {
    expect(encodeFilter({ key: '*', label: null, tags: [['team', 'a=b']] })).to.deep.equal({
      keyFilter: '*',
      labelFilter: '%00',
      tagsFilter: ['team=a\\=b'],
    });
  });

  it('survive half a surrogate pair', () => {
    expect(encodeFilter({ key: 'a\ud800', label: null }).keyFilter).to.equal('a%EF%BF%BD');
  });
});

describe('page headers', () => {
  it('give the same ETag, quoted or not, strong or weak', () => {
    expect(['"x"', 'W/"x"', 'x', ' "x" '].map(unquoted)).to.deep.equal(['x', 'x', 'x', 'x']);
    expect([undefined, '', '""'].map(unquoted)).to.deep.equal([undefined, undefined, undefined]);
  });

  it('give the continuation token as the store encoded it', () => {
    const cases: [string | undefined, string | undefined][] = [
      ['</kv?api-version=1&after=a%2Bb%3D>; rel="next"', 'a%2Bb%3D'],
      ['</kv?after=a+b/c=&key=x>; rel=next', 'a+b/c='],
      ['</kv?After=x;y>; rel="next"', 'x;y'],
      ['</kv?key=x>; rel="original", </kv?key=x&after=t>; rel="next"', 't'],
      ['</kv?key=x&after=t>; rel="original"', undefined],
      ['</kv?key=x>; rel="next"', undefined],
      ['</kv?key=x&after=>; rel="next"', undefined],
      [undefined, undefined],
    ];
    for (const [header, token] of cases) expect(nextOfLink(header), header).to.equal(token);
  });
});
