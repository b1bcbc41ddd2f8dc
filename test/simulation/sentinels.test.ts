import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { isSnapshot } from '../../src/domain/store/settings.ts';
import { baseSpec, ENDPOINT, Simulation } from '../support/simulation.ts';

const INTERVAL_MS = 33_000;
const watching: BindingSpec = { ...baseSpec, refresh: { sentinels: [{ key: 'release' }] } };

const data = (simulation: Simulation) => simulation.configMap()?.data;
const release = ({ azure }: Simulation, value: string) => azure.set(ENDPOINT, { key: 'release', value });

/** What was asked of the store for other keys than sentinels. */
const otherCalls = ({ azure }: Simulation) =>
  azure.calls.filter(({ selection }) => {
    const filter = selection?.filter;
    return filter !== undefined && !isSnapshot(filter) && filter.key !== 'release';
  });

async function started(spec = watching): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  release(simulation, '1');
  await simulation.apply(spec);
  simulation.start();
  await simulation.untilReady();
  return simulation;
}

describe('a binding with sentinels', () => {
  it('takes changes over only when a sentinel changed, then all of them', async () => {
    const simulation = await started();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'red' });
    simulation.azure.set(ENDPOINT, { key: 'size', value: 'L' });
    await simulation.clock.advance(10 * INTERVAL_MS);
    expect(data(simulation)).to.deep.equal({ color: 'blue', release: '1' });
    release(simulation, '2');
    await simulation.until(() => data(simulation)?.['release'] === '2', 2 * INTERVAL_MS);
    expect(data(simulation)).to.deep.equal({ color: 'red', size: 'L', release: '2' });
  });

  it('takes a deleted sentinel for a change, and says that it is missing until it is back', async () => {
    const simulation = await started();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'red' });
    simulation.azure.delete(ENDPOINT, 'release');
    await simulation.until(() => data(simulation)?.['color'] === 'red', 2 * INTERVAL_MS);
    await simulation.untilReason('SentinelMissing', 'Warning');
    expect(simulation.condition('Warning')?.message).to.contain('key "release", no label');
    expect(simulation.condition('Ready')?.status).to.equal('True');
    release(simulation, '1');
    await simulation.until(() => simulation.condition('Warning') === undefined);
  });

  it('starts without the sentinel, says so once, and follows its creation', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await simulation.apply(watching);
    simulation.start();
    await simulation.untilReady();
    await simulation.clock.advance(10 * INTERVAL_MS);
    expect(simulation.events.filter(({ reason }) => reason === 'SentinelMissing')).to.have.length(1);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'red' });
    release(simulation, '1');
    await simulation.until(() => data(simulation)?.['color'] === 'red', 2 * INTERVAL_MS);
  });

  it('loses no change that is made while everything is read', async () => {
    const simulation = new Simulation();
    const { azure } = simulation;
    azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    release(simulation, '1');
    let changed = false;
    azure.delay = (kind) => {
      const [last] = otherCalls(simulation).slice(-1);
      if (kind === 'read' && last !== undefined && !changed) {
        changed = true;
        azure.set(ENDPOINT, { key: 'color', value: 'red' });
        release(simulation, '2');
      }
      return Promise.resolve();
    };
    await simulation.apply(watching);
    simulation.start();
    await simulation.until(() => data(simulation)?.['color'] === 'red', 4 * INTERVAL_MS);
    expect(changed).to.equal(true);
  });

  it('never takes up what was read before the sentinel changed, though it is still at hand', async () => {
    const simulation = await started();
    for (const [color, step] of [
      ['red', '2'],
      ['green', '3'],
      ['black', '4'],
    ] as const) {
      simulation.azure.set(ENDPOINT, { key: 'color', value: color });
      release(simulation, step);
      await simulation.until(() => data(simulation)?.['release'] === step, 2 * INTERVAL_MS);
      expect(data(simulation)?.['color']).to.equal(color);
    }
  });

  it('asks one question for each sentinel and interval, whatever number of bindings and settings', async () => {
    const simulation = await started();
    const target = { configMap: { name: 'b-config' } };
    await simulation.apply({ ...watching, target }, 'b');
    await simulation.untilReady('b');
    await simulation.clock.advance(INTERVAL_MS);
    simulation.azure.calls.length = 0;
    await simulation.clock.advance(10 * INTERVAL_MS);
    expect(otherCalls(simulation)).to.deep.equal([]);
    expect(simulation.azure.calls.length).to.be.within(9, 12);
  });

  it('reads nothing after a restart of the operator, unless the sentinel changed meanwhile', async () => {
    const simulation = await started();
    await simulation.stop();
    simulation.azure.calls.length = 0;
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'red' });
    simulation.start();
    await simulation.clock.advance(5 * INTERVAL_MS);
    expect(otherCalls(simulation)).to.deep.equal([]);
    expect(data(simulation)?.['color']).to.equal('blue');
    await simulation.stop();
    release(simulation, '2');
    simulation.start();
    await simulation.until(() => data(simulation)?.['color'] === 'red', 2 * INTERVAL_MS);
  });

  it('is read in full when a refresh is asked for', async () => {
    const simulation = await started();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'red' });
    await simulation.apply(watching, 'orders', { 'appconfig.dev/refresh': 'now' });
    await simulation.until(() => data(simulation)?.['color'] === 'red');
  });

  it('takes key and label of a sentinel as they are', async () => {
    const simulation = await started({
      ...baseSpec,
      selectors: [{ key: 'color' }],
      refresh: { sentinels: [{ key: 'a*', label: 'x,y' }] },
    });
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'red' });
    simulation.azure.set(ENDPOINT, { key: 'ab', label: 'x,y', value: 'another' });
    await simulation.clock.advance(5 * INTERVAL_MS);
    expect(data(simulation)).to.deep.equal({ color: 'blue' });
  });

  it('follows any of several sentinels', async () => {
    const simulation = await started({
      ...baseSpec,
      refresh: { sentinels: [{ key: 'release' }, { key: 'release', label: 'prod' }] },
    });
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'red' });
    simulation.azure.set(ENDPOINT, { key: 'release', label: 'prod', value: '1' });
    await simulation.until(() => data(simulation)?.['color'] === 'red', 2 * INTERVAL_MS);
  });
});
