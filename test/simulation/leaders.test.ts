import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { LEASES, type Lease } from '../../src/runtime/lease.ts';
import { baseSpec, ENDPOINT, Simulation, VAULT } from '../support/simulation.ts';

/**
 * A leader that loses the lease for a few seconds, in which another one follows a change: what the first one read
 * before is older than what the other wrote.
 */

const SPEC: BindingSpec = { ...baseSpec, refresh: { interval: '5m' } };
const LEASE = { type: LEASES, namespace: 'appconfig-system', name: 'appconfig-operator' };

interface Regained {
  readonly simulation: Simulation;
  /** Writes to targets since the first one leads again. */
  readonly written: readonly string[];
}

/** `change` is what the other leader follows, `newer` the spec as it is when the first one leads again. */
async function regain(change: (simulation: Simulation) => void, newer = SPEC): Promise<Regained> {
  const simulation = new Simulation();
  const { azure, clock, cluster } = simulation;
  azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  azure.setSecret(VAULT, 'db', { value: 'one' });
  azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  simulation.start(() => 'proceed', ['--leader-elect=true']);
  await clock.runUntil(() => tellsLast(simulation, 'Became leader.'));
  await simulation.apply(SPEC);
  await simulation.untilReady();
  change(simulation);

  await holdLease(simulation, 'another');
  await clock.runUntil(() => tellsLast(simulation, 'Lost the lease.'));
  simulation.start();
  await simulation.apply(SPEC, 'orders', { 'appconfig.dev/refresh': 'now' });
  await simulation.until(() => simulation.binding()?.status?.lastHandledRefresh === 'now', 1_000);
  await simulation.stop();
  await simulation.apply(newer, 'orders', { 'appconfig.dev/refresh': 'now' });

  const before = cluster.changes().length;
  await holdLease(simulation, '');
  await clock.runUntil(() => tellsLast(simulation, 'Became leader.'));
  await clock.advance(500);
  await simulation.untilReady();
  const written = cluster
    .changes()
    .slice(before)
    .filter(({ resource }) => resource === 'configmaps' || resource === 'secrets')
    .map(({ verb, name }) => `${verb} ${name}`);
  return { simulation, written };
}

async function holdLease({ cluster, clock }: Simulation, holderIdentity: string): Promise<void> {
  const renewTime = new Date(clock.now()).toISOString().replace('Z', '000Z');
  const lease = cluster.read<Lease>(LEASE);
  if (lease === undefined) throw new Error('no lease');
  const spec = { ...lease.spec, holderIdentity, renewTime };
  const held = await cluster.admin.update(LEASES, { ...lease, spec });
  if (!held.ok) throw new Error(JSON.stringify(held.error));
}

/** Whether this was said of the election last. */
const tellsLast = ({ logger }: Simulation, wanted: string): boolean =>
  logger.lines.findLast(({ fields }) => fields?.['lease'] !== undefined)?.message === wanted;

describe('an operator that leads again', function () {
  this.timeout(60_000);

  it('writes no settings over newer ones that it read before', async () => {
    const { simulation, written } = await regain(({ azure }) =>
      azure.set(ENDPOINT, { key: 'color', value: 'green' }),
    );
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'green' });
    expect(written).to.deep.equal([]);
  });

  it('takes no secret that it read before', async () => {
    const keys = { replace: [{ from: 'password', to: 'pass' }] };
    const { simulation } = await regain(({ azure }) => azure.setSecret(VAULT, 'db', { value: 'two' }), {
      ...SPEC,
      keys,
    });
    expect(simulation.secretData()).to.deep.equal({ pass: 'two' });
  });
});

describe('an operator that stands by', function () {
  this.timeout(60_000);

  it('keeps no binding waiting, and looks at those that are left once it leads', async () => {
    const simulation = new Simulation();
    const { azure, clock, cluster, metrics } = simulation;
    azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    const spec = { holderIdentity: 'another', leaseDurationSeconds: 15, leaseTransitions: 1 };
    const { namespace, name, type } = LEASE;
    const metadata = { name, namespace };
    await cluster.admin.create(type, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
    simulation.start(() => 'proceed', ['--leader-elect=true']);
    for (const binding of ['orders', 'gone', 'gone-too']) await simulation.apply(SPEC, binding);
    await clock.advance(1_000);
    for (const binding of ['gone', 'gone-too']) await simulation.deleteBinding(binding);
    for (let minute = 0; minute < 30; minute += 1) {
      await holdLease(simulation, 'another');
      await clock.advance(10_000);
    }
    expect(metrics.values.get('workqueue_depth') ?? 0).to.equal(0);
    await holdLease(simulation, '');
    await simulation.untilReady();
    expect(Math.max(...(metrics.observations.get('workqueue_latency_seconds') ?? []))).to.be.below(5);
  });

  it('forgets a binding that it served once, when that is deleted', async () => {
    const simulation = new Simulation();
    const { azure, clock, metrics } = simulation;
    azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    azure.set(ENDPOINT, { key: 'size', value: 'large' });
    const demand = (): number => {
      simulation.operator?.measure();
      return metrics.values.get('store_requests_per_hour') ?? 0;
    };
    simulation.start(() => 'proceed', ['--leader-elect=true']);
    await simulation.apply(SPEC);
    await simulation.untilReady();
    const alone = demand();
    const other = { selectors: [{ key: 'size' }], target: { configMap: { name: 'other' } } };
    await simulation.apply({ ...SPEC, ...other }, 'other');
    await simulation.untilReady('other');
    expect(demand()).to.be.greaterThan(alone);

    await holdLease(simulation, 'another');
    await clock.runUntil(() => tellsLast(simulation, 'Lost the lease.'));
    await simulation.deleteBinding('other');
    await clock.advance(1_000);
    await holdLease(simulation, '');
    await clock.runUntil(() => tellsLast(simulation, 'Became leader.'));
    await clock.advance(1_000);
    expect(demand()).to.equal(alone);
  });
});
