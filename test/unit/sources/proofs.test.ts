import { expect } from 'chai';
import { PROOF_MS, Proofs } from '../../../src/sources/proofs.ts';

describe('Proofs', () => {
  const tags = { host: 'h', etags: ['1', '2'] };

  it('hold for exactly the pages that were seen, and for ten minutes from the start of the request', () => {
    const proofs = new Proofs();
    proofs.record('a', tags, { at: 1_000, order: 1 });
    expect(proofs.holds('a', tags, 1_000 + PROOF_MS)).to.equal(true);
    expect(proofs.holds('a', tags, 1_001 + PROOF_MS)).to.equal(false);
    for (const other of [
      { host: 'other', etags: ['1', '2'] },
      { host: 'h', etags: ['1'] },
      { host: 'h', etags: ['1', '2', '3'] },
      { host: 'h', etags: ['2', '1'] },
    ]) {
      expect(proofs.holds('a', other, 1_000)).to.equal(false);
    }
    expect(proofs.holds('b', tags, 1_000)).to.equal(false);
  });

  it('end with a refusal, whatever answers to earlier requests come later', () => {
    const proofs = new Proofs();
    proofs.record('a', tags, { at: 0, order: 1 });
    // Request 2 was under way when the refusal came as event 3.
    proofs.revoke('a', { at: 10, order: 3 });
    proofs.record('a', tags, { at: 5, order: 2 });
    expect(proofs.holds('a', tags, 10)).to.equal(false);
    proofs.record('a', tags, { at: 20, order: 5 });
    expect(proofs.holds('a', tags, 20)).to.equal(true);
  });

  it('of other identities stay when the answer to a request that began before theirs comes last', () => {
    const proofs = new Proofs();
    proofs.record('a', tags, { at: 1_001, order: 2 });
    proofs.record('b', tags, { at: 1_000, order: 1 });
    expect(proofs.holds('a', tags, 1_002)).to.equal(true);
  });

  it('are not replaced by the late answer to an older request', () => {
    const proofs = new Proofs();
    proofs.record('a', tags, { at: 20, order: 5 });
    proofs.record('a', { host: 'h', etags: ['old'] }, { at: 10, order: 4 });
    expect(proofs.holds('a', tags, 20)).to.equal(true);
  });
});
