import { expect } from 'chai';
import { warningsFor } from '../../../../src/domain/status/warnings.ts';

const snapshots = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `snapshot ${index} is archived`);
const warn = (count: number) =>
  warningsFor('SnapshotArchived', snapshots(count), (text) => text, 'snapshots are archived');

describe('warnings of one kind', () => {
  it('tell each thing while there are few', () => {
    expect(warn(10).map(({ message }) => message)).to.deep.equal(snapshots(10));
    expect(warn(0)).to.deep.equal([]);
  });

  it('tell the first ten of many and count the others', () => {
    const warnings = warn(64);
    expect(warnings).to.have.length(11);
    expect(warnings.at(-1)).to.deep.equal({
      reason: 'SnapshotArchived',
      message: '54 more snapshots are archived',
    });
  });
});
