import { expect } from 'chai';
import fc from 'fast-check';
import { isFilterError, matches, parseFilter } from '../../../dev/azure/appconfig/filters.ts';

const escaped = (literal: string) => literal.replace(/[*,\\]/g, '\\$&');
const fits = (text: string | undefined, value: string | null) => {
  const filter = parseFilter(text);
  return isFilterError(filter) ? filter.error : matches(filter, value);
};
const literal = fc.string({
  unit: fc.constantFrom('a', 'b', '*', ',', '\\', ':', '/'),
  minLength: 1,
  maxLength: 8,
});

describe('filter grammar of App Configuration', () => {
  it('finds any literal by its escaped form, and nothing else', () => {
    fc.assert(
      fc.property(literal, literal, (wanted, other) => {
        expect(fits(escaped(wanted), wanted)).to.equal(true);
        expect(fits(escaped(wanted), other)).to.equal(other === wanted);
      }),
    );
  });

  it('finds by an escaped prefix exactly what starts with it', () => {
    fc.assert(
      fc.property(literal, literal, (prefix, value) => {
        expect(fits(`${escaped(prefix)}*`, value)).to.equal(value.startsWith(prefix));
      }),
    );
  });

  it('finds every member of a list of up to five', () => {
    fc.assert(
      fc.property(fc.array(literal, { minLength: 1, maxLength: 5 }), (members) => {
        const text = members.map(escaped).join(',');
        for (const member of members) expect(fits(text, member)).to.equal(true);
      }),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (text, value) => void fits(text, value)));
  });

  it('lets a trailing lone backslash vanish', () => {
    expect(fits('a\\', 'a')).to.equal(true);
  });
});
