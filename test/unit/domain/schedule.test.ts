import { expect } from 'chai';
import fc from 'fast-check';
import { firstRound, jittered } from '../../../src/domain/schedule.ts';

describe('spreading work over time', () => {
  it('lengthens an interval by at most the fraction, the same at every call', () => {
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.string(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (ms, key, fraction) => {
          const interval = jittered(ms, key, fraction);
          expect(interval).to.be.within(ms, Math.ceil(ms * (1 + fraction)));
          expect(jittered(ms, key, fraction)).to.equal(interval);
        },
      ),
    );
  });

  it('spreads the first round evenly over the interval', () => {
    const slots = new Array<number>(10).fill(0);
    for (let index = 0; index < 2_000; index += 1) {
      const slot = Math.floor(firstRound(30_000, `shop/orders-${index}`) / 3_000);
      slots[slot] = (slots[slot] ?? 0) + 1;
    }
    expect(slots).to.have.length(10);
    for (const count of slots) expect(count).to.be.within(140, 260);
  });
});
