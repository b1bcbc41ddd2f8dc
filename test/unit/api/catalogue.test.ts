import { expect } from 'chai';
import { CATALOGUE } from '../../../src/api/catalogue.ts';
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

  it('lists each reason once, in PascalCase', () => {
    expect(new Set(REASONS).size).to.equal(REASONS.length);
    for (const reason of REASONS) expect(reason).to.match(/^([A-Z][a-z]+)+$/);
  });
});
