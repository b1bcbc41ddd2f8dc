import { expect } from 'chai';
import fc from 'fast-check';
import { firstRound, GROUP_SPREAD_MS, groupRound, jittered } from '../../../src/domain/schedule.ts';

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

  const now = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 });
  const interval = fc.integer({ min: 5_000, max: 7 * 86_400_000 });

  it('puts the next round of a group two fifths of an interval to a whole one ahead', () => {
    fc.assert(
      fc.property(now, interval, fc.string(), fc.string(), (at, ms, group, member) => {
        const ahead = groupRound(at, ms, group, member) - at;
        expect(ahead).to.be.within(0.4 * ms, ms);
        expect(groupRound(at, ms, group, member)).to.equal(at + ahead);
      }),
    );
  });

  it('brings all members of a group together, whenever they began and however late their rounds are', () => {
    const lateness = fc.double({ min: 0, max: 0.09, noNaN: true });
    const began = fc.double({ min: 0, max: 5, noNaN: true });
    const member = fc.record({ began, name: fc.string(), late: lateness });
    const members = fc.array(member, { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(now, interval, fc.string(), members, (from, ms, group, all) => {
        const horizon = from + 8 * ms;
        const rounds = all.map(({ began, name, late }) => {
          let due = from + Math.floor(began * ms);
          while (due < horizon) due = groupRound(due + Math.floor(late * ms), ms, group, name);
          return due;
        });
        const apart = Math.max(...rounds) - Math.min(...rounds);
        // The horizon may fall between members: then some are a whole interval ahead.
        const spread = Math.min(apart, Math.abs(ms - apart));
        expect(spread).to.be.at.most(Math.min(GROUP_SPREAD_MS, ms / 20));
      }),
    );
  });

  it('keeps the rounds of a group an interval apart, and the same after a restart', () => {
    const ms = 300_000;
    const settled = groupRound(groupRound(1_800_000_000_000, ms, 'g', 'm'), ms, 'g', 'm');
    expect(groupRound(settled + 20, ms, 'g', 'm')).to.equal(settled + ms);
    expect(groupRound(settled + ms / 2, ms, 'g', 'm')).to.equal(settled + ms);
  });

  it('lets intervals that are multiples of each other share their rounds', () => {
    const settled = (ms: number) => groupRound(groupRound(1_800_000_000_000, ms, 'g', 'm'), ms, 'g', 'm');
    expect((settled(600_000) - settled(300_000)) % 300_000).to.equal(0);
  });

  it('spreads groups over the interval', () => {
    const slots = new Array<number>(10).fill(0);
    for (let index = 0; index < 2_000; index += 1) {
      const slot = Math.floor((groupRound(0, 300_000, `shop/app-${index}`, 'm') % 300_000) / 30_000);
      slots[slot] = (slots[slot] ?? 0) + 1;
    }
    // Those that would come too soon come half an interval later: the first round is in the last three fifths.
    expect(slots.slice(0, 3)).to.deep.equal([0, 0, 0]);
    for (const count of slots.slice(4)) expect(count).to.be.greaterThan(140);
  });
});
