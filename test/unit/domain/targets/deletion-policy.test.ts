import { expect } from 'chai';
import type { AppConfigBinding } from '../../../../src/api/schema.ts';
import { askedPolicy, followedPolicy, policyRecord } from '../../../../src/domain/targets/deletion-policy.ts';

const asked = (spec: unknown) => askedPolicy({ spec } as Pick<AppConfigBinding, 'spec'>);

describe('the deletion policy', () => {
  it('is what the spec names, and Delete where it names none', () => {
    expect(asked({ target: { deletionPolicy: 'Retain' } })).to.equal('Retain');
    expect(asked({ target: { deletionPolicy: 'Delete' } })).to.equal('Delete');
    for (const target of [{}, { deletionPolicy: null }]) expect(asked({ target })).to.equal('Delete');
  });

  it('is unknown of a spec that was let in unchecked and makes no sense', () => {
    for (const spec of [
      undefined,
      null,
      {},
      { target: null },
      { target: 'x' },
      { target: { deletionPolicy: 'retain' } },
    ])
      expect(asked(spec)).to.equal(undefined);
  });

  it('is recorded so that it is read back', () => {
    for (const policy of ['Delete', 'Retain'] as const)
      expect(followedPolicy({ kind: 'Secret', name: 'a', ...policyRecord(policy) })).to.equal(policy);
    expect(policyRecord('Delete')).to.deep.equal({});
  });
});
