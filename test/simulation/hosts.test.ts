import { expect } from 'chai';
import { throttled, unavailable } from '../../src/domain/failure.ts';
import { baseSpec, CLIENT_ID, ENDPOINT, Simulation, STORE_HOST } from '../support/simulation.ts';

/** What one host does to the bindings of another. 40 bindings are more than are reconciled at the same time. */

const OTHER = 'https://fabrikam.azconfig.io';
const OTHER_HOST = 'fabrikam.azconfig.io';
const NAMES = Array.from({ length: 40 }, (_, index) => `b${index}`);
/** As the adapter gives up on a host that does not answer. */
const DEADLINE_MS = 10_000;
const INTERVAL_MS = 30_000;

/** 40 bindings, each with a selection of its own, on one store, and one binding on another. */
async function start(): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.grant(CLIENT_ID, OTHER_HOST);
  for (const key of NAMES) {
    simulation.azure.set(ENDPOINT, { key, value: 'x' });
    const target = { configMap: { name: `${key}-config` } };
    await simulation.apply({ ...baseSpec, selectors: [{ key }], target }, key);
  }
  simulation.azure.set(OTHER, { key: 'color', value: '0' });
  await simulation.apply({ ...baseSpec, store: { endpoint: OTHER } });
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

const SOON_MS = INTERVAL_MS * 1.1 + 1_000;

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

  it('that never answers delays others by one deadline at first, and by nothing from then on', async () => {
    const simulation = await start();
    let silent = true;
    simulation.azure.delay = async (_, host) => {
      if (host === STORE_HOST && silent) await simulation.clock.sleep(DEADLINE_MS);
    };
    simulation.azure.fault = (_, host) =>
      host === STORE_HOST && silent ? unavailable('StoreUnreachable', 'no answer in time') : undefined;
    const [first = Infinity, ...later] = await latencies(simulation, 20);
    expect(first).to.be.at.most(SOON_MS + DEADLINE_MS);
    expect(Math.max(...later)).to.be.at.most(SOON_MS);
    silent = false;
    simulation.azure.set(ENDPOINT, { key: 'b7', value: 'y' });
    await simulation.until(() => simulation.configMap('b7-config')?.data?.['b7'] === 'y', 180_000);
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
