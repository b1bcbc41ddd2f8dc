import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import {
  type ClusterCall,
  failWith,
  type Interceptor,
  type Verdict,
} from '../support/memory-cluster/index.ts';
import { baseSpec, ENDPOINT, Simulation, VAULT } from '../support/simulation.ts';

/** What the operator asks of the API server, call by call. */
class Tally {
  readonly #counts = new Map<string, number>();
  readonly #then: Interceptor;

  constructor(then: Interceptor = () => 'proceed') {
    this.#then = then;
  }

  readonly intercept: Interceptor = (call) => {
    const name = `${call.verb} ${call.resource}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    return this.#then(call);
  };

  /** Since the last call of it, without what the start of the operator costs. */
  take(): Record<string, number> {
    const counts = [...this.#counts].filter(
      ([name]) => !/^watch|configmaps$|namespaces$/.test(name) || /^(get|create|update) /.test(name),
    );
    this.#counts.clear();
    return Object.fromEntries(counts.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

const specOf = (name: string): BindingSpec => ({
  ...baseSpec,
  target: { configMap: { name: `${name}-config` }, secret: { name: `${name}-secrets` } },
});

function prepared(): Simulation {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: 's3cret' });
  simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  return simulation;
}

/** Ready, and past the second look at its workloads. */
async function running(tally: Tally, simulation = prepared()): Promise<Simulation> {
  simulation.start(tally.intercept);
  await simulation.clock.advance(1_000);
  tally.take();
  await simulation.apply(baseSpec);
  await simulation.untilReady();
  return simulation;
}

async function changed(simulation: Simulation): Promise<void> {
  await simulation.clock.advance(40_000);
}

const JOBS = { 'list cronjobs': 1, 'list jobs': 1 };
const LISTS = { 'list daemonsets': 1, 'list deployments': 1, 'list statefulsets': 1 };

describe('A binding asks the API server', () => {
  it('for its first sync: names into the status, two targets, one look at the workloads, the status', async () => {
    const tally = new Tally();
    const simulation = await running(tally);
    expect(tally.take()).to.deep.include({
      ...LISTS,
      ...JOBS,
      'create configmaps': 1,
      'create secrets': 2, // The operator's own key is the other.
      'patch appconfigbindings/status': 2,
    });
    expect(simulation.binding()?.status?.rollout).to.equal('0/0');
    expect(simulation.events.map(({ reason }) => reason)).to.deep.equal(['TargetCreated']);
  });

  it('for a changed setting: one write of the ConfigMap, one look at the workloads, the status', async () => {
    const tally = new Tally();
    const simulation = await running(tally);
    await changed(simulation);
    tally.take();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.until(() => simulation.configMap()?.data?.['color'] === 'green');
    await simulation.clock.advance(1_000);
    expect(tally.take()).to.deep.equal({
      ...LISTS,
      ...JOBS,
      'patch appconfigbindings/status': 1,
      'update configmaps': 1,
    });
    expect(simulation.binding()?.status?.secrets).to.equal(1);
    expect(simulation.secretData()).to.deep.equal({ password: 's3cret' });
  });

  it('for jobs at most once a minute, however often settings change', async () => {
    const tally = new Tally();
    const simulation = await running(tally);
    await changed(simulation);
    await simulation.clock.advance(60_000);
    tally.take();
    for (const color of ['green', 'yellow']) {
      simulation.azure.set(ENDPOINT, { key: 'color', value: color });
      await simulation.until(() => simulation.configMap()?.data?.['color'] === color);
    }
    await simulation.clock.advance(1_000);
    expect(tally.take()).to.include({ 'list deployments': 2, ...JOBS });
  });

  it('for the ConfigMap after all when its write meets a conflict', async () => {
    let conflicts = 0;
    const tally = new Tally((call) => {
      if (call.verb !== 'update' || call.resource !== 'configmaps' || conflicts > 0) return 'proceed';
      conflicts += 1;
      return failWith({ kind: 'status', code: 409, reason: 'Conflict', causes: [] });
    });
    const simulation = await running(tally);
    await changed(simulation);
    tally.take();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.until(() => simulation.configMap()?.data?.['color'] === 'green');
    expect(conflicts).to.equal(1);
    expect(tally.take()).to.deep.include({ 'get configmaps': 1, 'update configmaps': 2 });
  });

  it('for the Secret too when a reference is new', async () => {
    const tally = new Tally();
    const simulation = await running(tally);
    await changed(simulation);
    tally.take();
    simulation.azure.setSecret(VAULT, 'api', { value: 'k3y' });
    simulation.azure.setReference(ENDPOINT, 'apiKey', { vault: VAULT, name: 'api' });
    await simulation.until(() => Object.keys(simulation.secretData()).length === 2);
    expect(tally.take()).to.deep.include({ 'get secrets': 1, 'update secrets': 1 });
    expect(simulation.secretData()).to.deep.equal({ apiKey: 'k3y', password: 's3cret' });
  });

  it('with no more writes in flight than there are bindings at work', async () => {
    const simulation = prepared();
    const names = Array.from({ length: 12 }, (_, index) => `binding-${index}`);
    for (const name of names) await simulation.apply(specOf(name), name);
    let [inFlight, most] = [0, 0];
    const slow = async ({ write }: ClusterCall): Promise<Verdict> => {
      if (write === undefined) return 'proceed';
      inFlight += 1;
      most = Math.max(most, inFlight);
      await simulation.clock.sleep(50);
      inFlight -= 1;
      return 'proceed';
    };
    simulation.start(slow, ['--concurrency=3']);
    for (const name of names) await simulation.untilReady(name);
    expect(most).to.equal(3);
  });

  it('for workloads once for all bindings of a namespace that change together', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `binding-${index}`);
    const tally = new Tally();
    const simulation = prepared();
    for (const name of names) await simulation.apply(specOf(name), name);
    await running(tally, simulation);
    for (const name of names) await simulation.untilReady(name);
    await changed(simulation);
    tally.take();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    const isGreen = (name: string) => simulation.configMap(`${name}-config`)?.data?.['color'] === 'green';
    await simulation.until(() => names.every(isGreen));
    await simulation.clock.advance(1_000);
    const counts = tally.take();
    expect(counts['update configmaps']).to.equal(13);
    expect(counts['list deployments']).to.be.at.most(4);
    expect(counts['list jobs']).to.equal(1);
  });
});
