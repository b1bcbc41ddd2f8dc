import { expect } from 'chai';
import { UNSUBSCRIBED_MS } from '../../../src/sources/subscriptions.ts';
import type { AzureCallKind, MemoryAzure } from '../../support/memory-azure.ts';
import { deferred, ENDPOINT, okValue, outcomeOf, select } from './fixtures.ts';
import { a, b, c, setup } from './selections-setup.ts';

describe('Selections over time', () => {
  it('ask again for what was observed before a given time, however old the caller says it may be', async () => {
    const { clock, azure, selections, observe } = setup();
    const { observedAt } = okValue(await observe(a));
    await clock.advance(10_000);
    const options = { maxAgeMs: 30_000, signal: new AbortController().signal };
    await selections.observe(select(), a, { ...options, notBefore: observedAt });
    expect(azure.calls).to.have.length(1);
    await selections.observe(select(), a, { ...options, notBefore: observedAt + 1 });
    expect(azure.calls).to.have.length(2);
  });

  describe('with answers that overtake each other', () => {
    /** Answers of one kind wait until they are let go, with what was true when they were asked. */
    function holdFirst(azure: MemoryAzure, kind: AzureCallKind) {
      const gate = deferred<void>();
      let first = true;
      azure.delay = (asked) => {
        if (asked !== kind || !first) return Promise.resolve();
        first = false;
        return gate.promise;
      };
      return gate.resolve;
    }

    it('does not go back when an older poll answers late', async () => {
      const { clock, azure, observe, colors } = setup();
      const release = holdFirst(azure, 'head');
      const late = observe(a);
      await clock.settle();
      azure.set(ENDPOINT, { key: 'color', value: 'blue' });
      const newest = okValue(await observe(b)).tags;
      release();
      expect(okValue(await late).tags).to.deep.equal(newest);
      expect(okValue(await observe(b, 60_000)).tags).to.deep.equal(newest);
      expect(await colors(a)).to.deep.equal(['blue']);
    });

    it('does not go back when an older read ends late', async () => {
      const { clock, azure, observe, colors } = setup();
      const release = holdFirst(azure, 'read');
      const late = colors(a);
      await clock.settle();
      azure.set(ENDPOINT, { key: 'color', value: 'blue' });
      await observe(b);
      release();
      expect(await late).to.deep.equal(['blue']);
    });

    it('gives up, for a while, on a store that changes with every request', async () => {
      const { clock, azure, content, selections } = setup();
      let version = 0;
      const seen: string[] = [];
      selections.onChange((keys) => seen.push(...keys));
      azure.delay = async () => {
        version += 1;
        azure.set(ENDPOINT, { key: 'color', value: String(version) });
        await clock.sleep(10);
      };
      const reading = Promise.all([content(a), content(b), content(c)]);
      await clock.advance(10_000);
      for (const result of await reading) expect(outcomeOf(result)).to.be.oneOf(['ok', 'StoreUnreachable']);
    });
  });

  describe('and their subscribers', () => {
    it('are told of a change that another finds, and not of what has not changed', async () => {
      const { azure, selections, observe } = setup();
      const told: string[][] = [];
      selections.onChange((keys) => told.push([...keys]));
      for (const key of ['x', 'y', 'z']) selections.subscribe(key, [select()]);
      await observe(a, 0, 'x');
      await observe(a, 0, 'x');
      expect(told).to.deep.equal([]);
      azure.set(ENDPOINT, { key: 'color', value: 'blue' });
      await observe(a, 0, 'x');
      expect(told).to.deep.equal([['y', 'z']]);
    });

    it('are not told of selections they have left', async () => {
      const { azure, selections, observe } = setup();
      const told: string[][] = [];
      selections.onChange((keys) => told.push([...keys]));
      selections.subscribe('x', [select()]);
      selections.subscribe('y', [select()]);
      selections.subscribe('y', [select('other')]);
      await observe(a);
      azure.set(ENDPOINT, { key: 'color', value: 'blue' });
      await observe(a);
      expect(told).to.deep.equal([['x']]);
    });

    it('keep a selection alive; without them it is forgotten', async () => {
      const { clock, selections, metrics, colors, log } = setup();
      selections.subscribe('x', [select()]);
      selections.subscribe('y', [select(), select('other')]);
      await colors(a);
      expect(metrics.gauges.get('selections')).to.equal(2);
      selections.unsubscribe('y');
      expect(metrics.gauges.get('selections')).to.equal(1);
      selections.unsubscribe('x');
      expect(metrics.gauges.get('selections')).to.equal(0);
      await colors(a);
      expect(log()).to.deep.equal(['read a', 'read a']);
      await clock.advance(UNSUBSCRIBED_MS);
      expect(metrics.gauges.get('selections')).to.equal(0);
      expect(clock.pending).to.equal(0);
    });
  });
});
