import { expect } from 'chai';
import { unavailable } from '../../src/domain/failure.ts';
import type { FoundReplicas } from '../../src/ports/replicas.ts';
import { baseSpec, ENDPOINT, Simulation, STORE_HOST } from '../support/simulation.ts';

const EU = 'contoso-eu.azconfig.io';

/** A running operator with bindings on a store that has a replica. */
async function withReplica(bindings = 1): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.addReplica(ENDPOINT, EU);
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  for (let index = 0; index < bindings; index += 1) {
    const target = { configMap: { name: `config-${index}` } };
    await simulation.apply({ ...baseSpec, target }, `binding-${index}`);
  }
  simulation.start();
  for (let index = 0; index < bindings; index += 1) await simulation.untilReady(`binding-${index}`);
  await simulation.clock.advance(60_000);
  return simulation;
}

const fail = (simulation: Simulation, ...hosts: readonly string[]): void => {
  simulation.azure.fault = (_kind, host) =>
    hosts.includes(host) ? unavailable('StoreUnreachable', `https://${host} cannot be reached.`) : undefined;
};

const color = (simulation: Simulation) => simulation.configMap('config-0')?.data?.['color'];

describe('a store with a replica', () => {
  it('may go down and come back without a write, and without a binding that is not Ready', async () => {
    const simulation = await withReplica(20);
    const before = simulation.cluster.changes().length;
    const changes = () => simulation.cluster.changes().slice(before);
    fail(simulation, STORE_HOST);
    await simulation.clock.advance(1_800_000);
    expect(changes()).to.deep.equal([]);
    fail(simulation);
    await simulation.clock.advance(1_800_000);
    expect(changes()).to.deep.equal([]);
    const bodies = simulation.azure.calls.filter(({ kind, host }) => kind === 'read' && host === EU);
    expect(bodies, 'read once, to compare').to.have.length(1);
  });

  it('is followed at its replica while it is down, and at its own host again afterwards', async () => {
    const simulation = await withReplica();
    fail(simulation, STORE_HOST);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.until(() => color(simulation) === 'green', 60_000);
    fail(simulation);
    await simulation.clock.advance(120_000);
    simulation.azure.calls.length = 0;
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'red' });
    await simulation.until(() => color(simulation) === 'red', 60_000);
    expect(new Set(simulation.azure.calls.map(({ host }) => host))).to.deep.equal(new Set([STORE_HOST]));
  });

  it('keeps its bindings where they are while only an older replica answers, and says so', async () => {
    const simulation = await withReplica();
    simulation.azure.freezeReplica(EU);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.until(() => color(simulation) === 'green', 60_000);
    fail(simulation, STORE_HOST);
    await simulation.until(() => simulation.condition('Ready', 'binding-0')?.status === 'False');
    expect(simulation.condition('Ready', 'binding-0')?.message).to.include(`${EU} (ReplicaBehind)`);
    expect(color(simulation)).to.equal('green');
    simulation.azure.thawReplica(EU);
    await simulation.untilReady('binding-0');
    expect(color(simulation)).to.equal('green');
  });

  it('is read as ever while DNS is silent, from the first read on', async () => {
    const simulation = new Simulation();
    simulation.azure.dns = (_truth, signal) =>
      new Promise<FoundReplicas>((resolve) =>
        signal.addEventListener('abort', () => resolve({ replicas: [], complete: false })),
      );
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await simulation.apply(baseSpec);
    const startedAt = simulation.clock.now();
    simulation.start();
    await simulation.untilReady();
    expect(simulation.clock.now() - startedAt).to.be.below(500);
  });

  it('asks DNS twice an hour for all bindings together', async () => {
    const simulation = await withReplica(5);
    const before = simulation.azure.lookups;
    await simulation.clock.advance(4 * 3_600_000);
    expect(simulation.azure.lookups - before).to.be.within(7, 8);
  });

  it('is not asked at its replica by a binding that does not want it', async () => {
    const simulation = await withReplica();
    const store = { endpoint: ENDPOINT, replicaDiscovery: false };
    await simulation.apply({ ...baseSpec, store, target: { configMap: { name: 'config-0' } } }, 'binding-0');
    await simulation.untilReady('binding-0');
    fail(simulation, STORE_HOST);
    await simulation.until(() => simulation.condition('Ready', 'binding-0')?.status === 'False');
    expect(simulation.azure.calls.map(({ host }) => host)).not.to.include(EU);
  });

  it('is read at one host for each selection, without bodies, where the load is balanced', async () => {
    const simulation = await withReplica();
    for (let index = 0; index < 12; index += 1) {
      simulation.azure.set(ENDPOINT, { key: `app${index}`, value: 'x' });
      const spec = {
        ...baseSpec,
        store: { endpoint: ENDPOINT, loadBalancing: true },
        selectors: [{ key: `app${index}` }],
        target: { configMap: { name: `app-${index}` } },
      };
      await simulation.apply(spec, `app-${index}`);
    }
    await simulation.untilReady('app-11');
    await simulation.clock.advance(60_000);
    simulation.azure.calls.length = 0;
    await simulation.clock.advance(300_000);
    const hostsOf = new Map<string, Set<string>>();
    for (const { kind, host, selection } of simulation.azure.calls) {
      expect(kind).to.equal('head');
      const key = JSON.stringify(selection?.filter);
      hostsOf.set(key, (hostsOf.get(key) ?? new Set()).add(host));
    }
    for (const hosts of hostsOf.values()) expect(hosts.size).to.equal(1);
    expect(new Set([...hostsOf.values()].flatMap((hosts) => [...hosts])).size).to.equal(2);
  });

  it('costs no page of content after a restart of the operator, wherever the load is balanced to', async () => {
    const simulation = await withReplica();
    const store = { endpoint: ENDPOINT, loadBalancing: true };
    await simulation.apply({ ...baseSpec, store, target: { configMap: { name: 'config-0' } } }, 'binding-0');
    await simulation.untilReady('binding-0');
    await simulation.clock.advance(60_000);
    await simulation.stop();
    simulation.azure.calls.length = 0;
    simulation.start();
    await simulation.clock.advance(120_000);
    expect(simulation.azure.calls.filter(({ kind }) => kind === 'read')).to.deep.equal([]);
    expect(simulation.azure.calls).not.to.deep.equal([]);
  });
});
