import { expect } from 'chai';
import { PLACES } from '../../../src/api/catalogue/places.ts';
import { CATALOGUE } from '../../../src/api/catalogue.ts';
import { CONDITIONS } from '../../../src/api/conditions.ts';
import { REASONS } from '../../../src/api/reasons.ts';

describe('the catalogue of reasons', () => {
  it('explains every reason, and no other', () => {
    expect(Object.keys(CATALOGUE).sort()).to.deep.equal([...REASONS].sort());
  });

  it('has whole sentences for meaning, cause and remedy', () => {
    for (const [reason, texts] of Object.entries(CATALOGUE)) {
      for (const text of Object.values(texts)) expect(text, reason).to.match(/^[A-Z`*[].*\.$/s);
    }
  });

  it('says of every reason where it may stand, and of every condition which reasons it may have', () => {
    const places = new Set(Object.values(PLACES).flat());
    expect(CONDITIONS.filter((type) => !places.has(type))).to.deep.equal([]);
    // A conflict is met by the next pass at once, and told to nobody.
    expect(REASONS.filter((reason) => PLACES[reason].length === 0)).to.deep.equal(['Conflict']);
    for (const reason of REASONS)
      expect(new Set(PLACES[reason]).size, reason).to.equal(PLACES[reason].length);
  });

  it('lists each reason once, in PascalCase', () => {
    expect(new Set(REASONS).size).to.equal(REASONS.length);
    for (const reason of REASONS) expect(reason).to.match(/^([A-Z][a-z]+)+$/);
  });
});
