import { expect } from 'chai';
import fc from 'fast-check';
import { STORE, VAULT } from '../../../src/sources/host-rules.ts';
import { type Bucket, isFull, take } from '../../../src/sources/pace.ts';

describe('take', () => {
  const gaps = fc.array(fc.record({ gap: fc.nat({ max: 500 }), cost: fc.integer({ min: 1, max: 4 }) }), {
    maxLength: 80,
  });
  const rates = fc.record({
    perSecond: fc.integer({ min: 1, max: 50 }),
    burst: fc.integer({ min: 1, max: 50 }),
  });

  it('never lets more begin in any span of time than the burst and the rate allow', () => {
    fc.assert(
      fc.property(rates, gaps, (rate, calls) => {
        let [bucket, now]: [Bucket | undefined, number] = [undefined, 0];
        const begun: { at: number; cost: number }[] = [];
        for (const { gap, cost } of calls) {
          now += gap;
          const taken = take(bucket, rate, now, cost);
          bucket = taken.bucket;
          begun.push({ at: now + taken.waitMs, cost });
        }
        for (const [first, from] of begun.entries())
          for (let last = first; last < begun.length; last += 1) {
            const span = begun.slice(first, last + 1);
            // What the last call takes on credit slows down those after it.
            const sum = span.slice(0, -1).reduce((total, { cost }) => total + cost, 1);
            // A timer counts whole milliseconds.
            const seconds = ((span.at(-1)?.at ?? 0) - from.at + 1) / 1_000;
            expect(sum).to.be.at.most(rate.burst + rate.perSecond * seconds + 1e-6);
          }
      }),
    );
  });

  it('never makes a call wait that comes slower than the rate', () => {
    const rate = { perSecond: 10, burst: 1 };
    let bucket: Bucket | undefined;
    for (let now = 0; now < 5_000; now += 100) {
      const taken = take(bucket, rate, now, 1);
      expect(taken.waitMs).to.equal(0);
      bucket = taken.bucket;
    }
  });

  it('refills nothing while the clock goes backwards, and does not stand still after it', () => {
    const rate = { perSecond: 10, burst: 1 };
    const { bucket } = take(undefined, rate, 1_000_000, 1);
    const back = take(bucket, rate, 0, 1);
    expect(back.waitMs).to.equal(100);
    expect(isFull(back.bucket, rate, 200)).to.equal(true);
  });

  const within = ({ rate }: typeof STORE, seconds: number): number =>
    rate === undefined ? Infinity : rate.burst + rate.perSecond * seconds;

  it('keeps a vault below 4,000 reads in any 10 s and a store near 300 per second', () => {
    expect(within(VAULT, 10)).to.be.at.most(4_000);
    expect(within(STORE, 3_600) / 3_600).to.be.within(300, 301);
  });

  it('lets the first sync of 1,000 bindings pass: a HEAD and a read each', () => {
    expect(within(STORE, 0)).to.be.at.least(2_000);
  });
});
