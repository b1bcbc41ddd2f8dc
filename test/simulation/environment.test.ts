import { expect } from 'chai';
import { NAMESPACE_AGE_MS } from '../../src/reconcile/namespaces.ts';
import { CONFIG_MAPS, failWith, type Interceptor, type Verdict } from '../support/memory-cluster/index.ts';
import { baseSpec, CLIENT_ID, ENDPOINT, NAMESPACE, Simulation } from '../support/simulation.ts';

const SCOPED = [`--watch-namespaces=${NAMESPACE}`];

function withColors(): Simulation {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'base' });
  for (const label of ['prod', 'test'])
    simulation.azure.set(ENDPOINT, { key: 'color', label, value: `of ${label}` });
  return simulation;
}

const color = (simulation: Simulation): string | undefined => simulation.configMap()?.data?.['color'];

/** Counts GETs of namespaces, or lets `answer` decide about them. */
function onNamespaceGet(answer: () => Verdict): Interceptor {
  return ({ verb, resource }) => (verb === 'get' && resource === 'namespaces' ? answer() : 'proceed');
}

describe('the environment of a binding', () => {
  for (const [rights, flags] of [
    ['in the whole cluster', []],
    ['in single namespaces', SCOPED],
  ] as const) {
    it(`comes from the label of its namespace where it names none, with rights ${rights}`, async () => {
      const simulation = withColors();
      await simulation.labelNamespace('prod');
      await simulation.apply(baseSpec);
      simulation.start(undefined, flags);
      await simulation.untilReady();
      expect(color(simulation)).to.equal('of prod');
      expect(simulation.binding()?.status?.environment).to.equal('prod');
    });

    it(`follows a change of that label and its removal, with rights ${rights}`, async () => {
      const simulation = withColors();
      await simulation.labelNamespace('prod');
      await simulation.apply(baseSpec);
      simulation.start(undefined, flags);
      await simulation.untilReady();
      await simulation.labelNamespace('test');
      await simulation.until(() => color(simulation) === 'of test', NAMESPACE_AGE_MS + 40_000);
      await simulation.labelNamespace(null);
      await simulation.until(() => color(simulation) === 'base', NAMESPACE_AGE_MS + 40_000);
      expect(simulation.binding()?.status).not.to.have.property('environment');
    });
  }

  it('is its own where it names one, and the namespace is not even asked', async () => {
    const simulation = withColors();
    await simulation.labelNamespace('prod');
    await simulation.apply({ ...baseSpec, environment: 'test' });
    const gets: string[] = [];
    simulation.start(
      onNamespaceGet(() => {
        gets.push('get');
        return 'proceed';
      }),
      SCOPED,
    );
    await simulation.untilReady();
    expect(color(simulation)).to.equal('of test');
    expect(gets).to.deep.equal([]);
  });

  it('that matches nothing names the label of the namespace as the place to correct it', async () => {
    const simulation = withColors();
    await simulation.labelNamespace('prdo');
    await simulation.apply(baseSpec);
    simulation.start();
    await simulation.untilReason('EnvironmentUnmatched', 'Warning');
    expect(simulation.condition('Warning')?.message).to.contain(
      'correct the label appconfig.dev/environment of the namespace',
    );
  });

  it('costs one read of the namespace in a while, however many bindings are in it', async () => {
    const simulation = withColors();
    for (const name of ['a', 'b', 'c', 'd'])
      await simulation.apply({ ...baseSpec, target: { configMap: { name: `${name}-config` } } }, name);
    let gets = 0;
    simulation.start(
      onNamespaceGet(() => {
        gets += 1;
        return 'proceed';
      }),
      SCOPED,
    );
    await simulation.untilReady('d');
    await simulation.clock.advance(10 * NAMESPACE_AGE_MS);
    expect(gets).to.be.within(8, 12);
  });

  it('that names a vault is never taken to be none because the namespace could not be read for a moment', async () => {
    const simulation = new Simulation();
    const vault = 'prod-orders.vault.azure.net';
    simulation.azure.grant(CLIENT_ID, vault);
    simulation.azure.setSecret(vault, 'db', { value: 'db-1' });
    await simulation.labelNamespace('prod');
    const secrets = [{ vault: '{environment}-orders', name: 'db' }];
    await simulation.apply({ ...baseSpec, allowEmpty: true, keyVault: { secrets } });
    let fails = false;
    let failures = 0;
    simulation.start(
      onNamespaceGet(() => {
        if (!fails) return 'proceed';
        failures += 1;
        return failWith({ kind: 'status', code: 503, reason: 'ServiceUnavailable', causes: [] });
      }),
      SCOPED,
    );
    await simulation.untilReady();
    fails = true;
    await simulation.until(() => failures > 0);
    fails = false;
    simulation.azure.setSecret(vault, 'db', { value: 'db-2' });
    await simulation.until(() => simulation.secretData()['db'] === 'db-2');
    expect(simulation.events.map(({ reason }) => reason)).not.to.include('InvalidSpec');
    await simulation.untilReady();
  });

  it('is never taken to be none because the namespace could not be read', async () => {
    const simulation = withColors();
    await simulation.labelNamespace('prod');
    await simulation.apply(baseSpec);
    const refused = { kind: 'status', code: 403, reason: 'Forbidden', causes: [] } as const;
    simulation.start(
      onNamespaceGet(() => failWith(refused)),
      SCOPED,
    );
    await simulation.untilReason('KubernetesDenied');
    expect(simulation.condition('Ready')?.message).to.contain('Namespace shop');
    const ref = { type: CONFIG_MAPS, namespace: NAMESPACE, name: 'orders-config' };
    expect(simulation.cluster.read(ref)).to.equal(undefined);
  });
});
