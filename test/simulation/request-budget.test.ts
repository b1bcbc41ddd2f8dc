import { expect } from 'chai';
import { baseSpec, ENDPOINT, Simulation } from '../support/simulation.ts';

/** 30 s: 120 requests per hour and page of each selection. */
const spec = (key: string, interval = '30s') => ({
  ...baseSpec,
  selectors: [{ key }],
  refresh: { interval },
  target: { configMap: { name: `${key}-config` } },
});

describe('a request budget of stores', () => {
  const flags = ['--store-request-budget=150'];

  async function twoBindings(): Promise<Simulation> {
    const simulation = new Simulation();
    for (const key of ['a', 'b']) {
      simulation.azure.set(ENDPOINT, { key, value: 'x' });
      await simulation.apply(spec(key), key);
    }
    return simulation;
  }

  const reason = (simulation: Simulation, name: string) => simulation.condition('Warning', name)?.reason;
  const warned = (simulation: Simulation) => ['a', 'b'].map((name) => reason(simulation, name));

  it('that the intervals of its bindings cannot fit is told to each of them, and they stay Ready', async () => {
    const simulation = await twoBindings();
    simulation.start(undefined, flags);
    await simulation.clock.advance(120_000);
    expect(warned(simulation)).to.deep.equal(Array(2).fill('RequestBudgetExceeded'));
    expect(simulation.condition('Warning', 'a')?.message).to.include('about 240: 240 for the pages');
    for (const name of ['a', 'b']) expect(simulation.condition('Ready', name)?.status).to.equal('True');
  });

  it('fits again for all when one of them asks less often, or is gone', async () => {
    const simulation = await twoBindings();
    simulation.start(undefined, flags);
    await simulation.clock.advance(120_000);
    await simulation.apply(spec('a', '10m'), 'a');
    await simulation.clock.advance(120_000);
    expect(warned(simulation)).to.deep.equal([undefined, undefined]);
    await simulation.apply(spec('a'), 'a');
    await simulation.clock.advance(120_000);
    expect(warned(simulation)).to.deep.equal(Array(2).fill('RequestBudgetExceeded'));
    await simulation.apply({ ...spec('a'), suspend: true }, 'a');
    await simulation.clock.advance(120_000);
    expect(warned(simulation)).to.deep.equal(['Suspended', undefined]);
  });

  it('is exceeded when a selection grows by a page', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'a', value: 'x' });
    await simulation.apply(spec('a'), 'a');
    await simulation.apply({ ...baseSpec, refresh: { interval: '30s' } });
    simulation.start(undefined, ['--store-request-budget=300']);
    await simulation.clock.advance(120_000);
    expect(reason(simulation, 'orders')).to.equal(undefined);
    for (let key = 0; key < 150; key += 1) simulation.azure.set(ENDPOINT, { key: `k${key}`, value: 'x' });
    await simulation.clock.advance(120_000);
    expect([reason(simulation, 'orders'), reason(simulation, 'a')]).to.deep.equal(
      Array(2).fill('RequestBudgetExceeded'),
    );
  });

  it('writes nothing while nothing changes, nor when the operator starts again', async () => {
    const simulation = await twoBindings();
    simulation.start(undefined, flags);
    await simulation.clock.advance(600_000);
    const written = simulation.cluster.changes().length;
    const told = simulation.events.length;
    await simulation.clock.advance(3_600_000);
    await simulation.stop();
    // One after the other, so that the first is looked at before the second has said what it reads.
    simulation.azure.delay = () => simulation.clock.sleep(1_000);
    simulation.start(undefined, [...flags, '--concurrency=1']);
    await simulation.clock.advance(600_000);
    expect(simulation.cluster.changes().slice(written)).to.deep.equal([]);
    expect(simulation.events.slice(told)).to.deep.equal([]);
  });

  it('is forgotten when the operator starts without one, and other warnings stand', async () => {
    const simulation = await twoBindings();
    await simulation.apply({ ...spec('b'), environment: 'nowhere' }, 'b');
    simulation.start(undefined, flags);
    await simulation.clock.advance(120_000);
    const both = simulation.condition('Warning', 'b');
    expect(both?.reason).to.equal('EnvironmentUnmatched');
    expect(both?.message).to.include('request budget');
    await simulation.stop();
    simulation.start();
    await simulation.clock.advance(120_000);
    expect(warned(simulation)).to.deep.equal([undefined, 'EnvironmentUnmatched']);
    expect(simulation.condition('Warning', 'b')?.message).not.to.include('request budget');
  });
});
