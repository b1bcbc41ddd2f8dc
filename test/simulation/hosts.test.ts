import { expect } from 'chai';
import { throttled, unavailable } from '../../src/domain/failure.ts';
import { baseSpec, CLIENT_ID, ENDPOINT, Simulation, STORE_HOST } from '../support/simulation.ts';

/** What one host does to the bindings of another. 60 bindings are far more than are reconciled at the same time. */

const OTHER = 'https://fabrikam.azconfig.io';
const OTHER_HOST = 'fabrikam.azconfig.io';
const NAMES = Array.from({ length: 60 }, (_, index) => `b${index}`);
/** As the adapter gives up on a host whose answer does not end. */
const DEADLINE_MS = 30_000;
/** Within its patience, so that it is not known to be in trouble. */
const LATE_MS = 9_000;
const INTERVAL_MS = 10_000;

/** 60 bindings, each with a selection of its own, on one store, and one binding on another. */
async function start(): Promise<Simulation> {
  const simulation = new Simulation();
  const spec = { ...baseSpec, refresh: { interval: `${INTERVAL_MS}ms` } };
  simulation.azure.grant(CLIENT_ID, OTHER_HOST);
  for (const key of NAMES) {
    simulation.azure.set(ENDPOINT, { key, value: 'x' });
    const target = { configMap: { name: `${key}-config` } };
    await simulation.apply({ ...spec, selectors: [{ key }], target }, key);
  }
  simulation.azure.set(OTHER, { key: 'color', value: '0' });
  await simulation.apply({ ...baseSpec, store: { endpoint: OTHER }, refresh: { interval: '5s' } });
  simulation.start();
  await simulation.clock.advance(120_000);
  return simulation;
}

const requests = ({ azure }: Simulation, host: string, from: number): number =>
  azure.calls.slice(from).filter((call) => call.host === host).length;

/** How long each of `count` changes of the other store takes to arrive. */
async function latencies(simulation: Simulation, count: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let value = 1; value <= count; value += 1) {
    const changedAt = simulation.clock.now();
    simulation.azure.set(OTHER, { key: 'color', value: String(value) });
    await simulation.until(() => simulation.configMap()?.data?.['color'] === String(value));
    found.push(simulation.clock.now() - changedAt);
    await simulation.clock.advance(7_000);
  }
  return found;
}

/** Of the other store's binding: an interval of 5 s, with its jitter, and a moment. */
const SOON_MS = 6_500;

describe('a store in trouble', function () {
  this.timeout(60_000);

  it('that asks for a pause holds all of its bindings and no others', async () => {
    const simulation = await start();
    let asked = 0;
    simulation.azure.fault = (_, host) => {
      if (host !== STORE_HOST) return undefined;
      asked += 1;
      return throttled('StoreThrottled', 'pause', 240_000);
    };
    await simulation.clock.advance(40_000);
    expect(asked).to.equal(1);
    const from = simulation.azure.calls.length;
    expect(Math.max(...(await latencies(simulation, 4)))).to.be.at.most(SOON_MS);
    expect(requests(simulation, STORE_HOST, from)).to.equal(0);
    simulation.azure.fault = () => undefined;
    await simulation.clock.advance(300_000);
    expect(requests(simulation, STORE_HOST, from)).to.be.at.least(NAMES.length);
  });

  it('that never answers delays no others, neither at first nor from then on', async () => {
    const simulation = await start();
    let silent = true;
    simulation.azure.delay = async (_, host) => {
      if (host === STORE_HOST && silent) await simulation.clock.sleep(DEADLINE_MS);
    };
    simulation.azure.fault = (_, host) =>
      host === STORE_HOST && silent ? unavailable('StoreUnreachable', 'no answer in time') : undefined;
    // Before the first deadline, when nobody knows yet.
    await simulation.clock.advance(4_000);
    expect(Math.max(...(await latencies(simulation, 20)))).to.be.at.most(SOON_MS);
    silent = false;
    simulation.azure.set(ENDPOINT, { key: 'b7', value: 'y' });
    await simulation.until(() => simulation.configMap('b7-config')?.data?.['b7'] === 'y', 180_000);
  });

  it('that answers late, again and again, delays no others', async () => {
    const simulation = await start();
    simulation.azure.delay = async (_, host) => {
      if (host === STORE_HOST) await simulation.clock.sleep(LATE_MS);
    };
    const from = simulation.azure.calls.length;
    expect(Math.max(...(await latencies(simulation, 20)))).to.be.at.most(SOON_MS);
    expect(requests(simulation, STORE_HOST, from)).to.be.at.least(4 * NAMES.length);
  });

  it('that never answers is tried by one binding at a time', async () => {
    const simulation = await start();
    let [running, peak] = [0, 0];
    simulation.azure.delay = async (_, host) => {
      if (host !== STORE_HOST) return;
      running += 1;
      peak = Math.max(peak, running);
      await simulation.clock.sleep(DEADLINE_MS);
      running -= 1;
    };
    simulation.azure.fault = (_, host) =>
      host === STORE_HOST ? unavailable('StoreUnreachable', 'no answer in time') : undefined;
    await simulation.clock.advance(120_000);
    peak = 0;
    await simulation.clock.advance(1_200_000);
    expect(peak).to.equal(1);
  });
});
