import { expect } from 'chai';
import fc from 'fast-check';
import { percentile, summarise } from '../../../bench/report/statistics.ts';

const latencies = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });

describe('statistics of a bench', () => {
  it('takes the median, the 95th percentile and the maximum by nearest rank', () => {
    const oneToTwenty = Array.from({ length: 20 }, (_, index) => 20 - index);
    expect(summarise(oneToTwenty)).to.deep.equal({ count: 20, median: 10, p95: 19, max: 20 });
    expect(summarise([7])).to.deep.equal({ count: 1, median: 7, p95: 7, max: 7 });
  });

  it('has no figures for no values', () => {
    expect(summarise([]).median).to.be.NaN;
  });

  it('gives a value of the list that at least the asked share does not exceed', () => {
    fc.assert(
      fc.property(latencies, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const found = percentile(values, share);
        expect(values).to.include(found);
        const below = values.filter((value) => value <= found).length;
        expect(below).to.be.at.least(share * values.length - 1e-9);
      }),
    );
  });

  it('leaves the list as it was', () => {
    const values = [3, 1, 2];
    summarise(values);
    expect(values).to.deep.equal([3, 1, 2]);
  });
});
