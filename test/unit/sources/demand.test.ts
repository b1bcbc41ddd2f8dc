import { expect } from 'chai';
import fc from 'fast-check';
import { Demand } from '../../../src/sources/demand.ts';
import { Subscriptions } from '../../../src/sources/subscriptions.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { HOST, select } from './fixtures.ts';
import { a, b, setup } from './selections-setup.ts';

describe('what bindings ask of a store', () => {
  const MINUTE = 60_000;

  it('follows intervals, identities, pages, and who is subscribed', async () => {
    const { selections, azure, observe } = setup();
    const demand = () => selections.demand(HOST);
    selections.subscribe('x', [select()], MINUTE);
    await observe(a, 0, 'x');
    expect(demand()).to.deep.equal({ polls: 60, proofs: 0 });
    selections.subscribe('y', [select()], 2 * MINUTE);
    await observe(b, 0, 'y');
    expect(demand()).to.deep.equal({ polls: 60, proofs: 12 });
    for (let key = 0; key < 100; key += 1) azure.set(select().endpoint, { key: `k${key}`, value: 'x' });
    await observe(a, 0, 'x');
    expect(demand()).to.deep.equal({ polls: 120, proofs: 24 });
    selections.subscribe('x', [select()], 4 * MINUTE);
    expect(demand()).to.deep.equal({ polls: 60, proofs: 24 });
    selections.unsubscribe('y');
    expect(demand()).to.deep.equal({ polls: 30, proofs: 0 });
    expect(selections.greatestDemand).to.equal(30);
    selections.unsubscribe('x');
    expect(demand()).to.deep.equal({ polls: 0, proofs: 0 });
  });

  it('is counted store by store', () => {
    const { selections } = setup();
    selections.subscribe('x', [select(), select('*', 'https://other.azconfig.io')], MINUTE);
    selections.subscribe('y', [select('b', 'https://other.azconfig.io')], MINUTE);
    expect(selections.demand(HOST).polls).to.equal(60);
    expect(selections.greatestDemand).to.equal(120);
  });

  const step = fc.record({
    subscriber: fc.constantFrom('x', 'y', 'z'),
    keys: fc.subarray(['a', 'b', 'c']),
    intervalMs: fc.constantFrom(MINUTE, 7 * MINUTE, 30 * MINUTE),
    identity: fc.constantFrom('i', 'j'),
  });

  it('is the same as if it had been counted anew, whatever changed before', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const subscriptions = new Subscriptions(new VirtualClock(), () => undefined);
        const demand = new Demand(subscriptions);
        const last = new Map<string, (typeof steps)[number]>();
        for (const one of steps) {
          const { subscriber, keys, ...reader } = one;
          demand.recount(
            subscriptions.set(
              subscriber,
              keys.map((key) => select(key)),
            ),
          );
          demand.note(subscriber, reader);
          last.set(subscriber, one);
          const anew = new Demand(subscriptions);
          for (const [name, { intervalMs, identity }] of last) anew.note(name, { intervalMs, identity });
          expect(demand.of(HOST)).to.deep.equal(anew.of(HOST));
        }
      }),
    );
  });
});
