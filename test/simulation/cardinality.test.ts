import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { throttled } from '../../src/domain/failure.ts';
import { failWith, type Interceptor } from '../support/memory-cluster/index.ts';
import { parseSeries, strangeLabels } from '../support/series.ts';
import {
  baseSpec,
  CLIENT_ID,
  ENDPOINT,
  NAMESPACE,
  Simulation,
  STORE_HOST,
  VAULT,
} from '../support/simulation.ts';

const BINDINGS = 1_000;
const STORES = 20;
const storeOf = (index: number): string => `https://store-${index % STORES}.azconfig.io`;

/** Of twenty stores, and each in one of several kinds of trouble or in none. */
function specOf(index: number): BindingSpec {
  const name = `app-${index}`;
  const spec: BindingSpec = {
    ...baseSpec,
    store: { endpoint: storeOf(index) },
    target: { configMap: { name: `${name}-config` }, secret: { name: `${name}-secrets` } },
  };
  switch (index % 8) {
    case 0:
      return { ...spec, selectors: [{ key: `nothing-${index}:*` }] };
    case 1:
      return { ...spec, environment: `no-such-${index}` };
    case 2:
      return { ...spec, suspend: true };
    case 3:
      return { ...spec, identity: { workloadIdentity: { serviceAccountName: `missing-${index}` } } };
    default:
      return spec;
  }
}

/** The series of all metrics, as a scrape would find them. */
async function seriesWith(bindings: number): Promise<readonly string[]> {
  const simulation = new Simulation();
  for (let store = 0; store < STORES; store += 1) {
    simulation.azure.grant(CLIENT_ID, new URL(storeOf(store)).host);
    simulation.azure.set(storeOf(store), { key: 'color', value: 'blue' });
    simulation.azure.setReference(storeOf(store), 'password', { vault: VAULT, name: `db-${store}` });
    if (store % 2 === 0) simulation.azure.setSecret(VAULT, `db-${store}`, { value: 's3cret' });
  }
  for (let index = 0; index < bindings; index += 1) await simulation.apply(specOf(index), `app-${index}`);
  await simulation.addDeployment('web', {
    containers: [{ name: 'app', image: 'app', envFrom: [{ configMapRef: { name: 'app-4-config' } }] }],
  });
  simulation.start();
  await simulation.clock.advance(120_000);
  simulation.operator?.measure();
  return [...simulation.metrics.values.keys(), ...simulation.metrics.observations.keys()].sort();
}

describe('the metrics', function () {
  this.timeout(300_000);

  it('have no more time series with 1,000 bindings of 20 stores than with 40, and only values of the reference', async () => {
    const few = await seriesWith(40);
    const many = await seriesWith(BINDINGS);
    expect(many).to.deep.equal(few);
    expect(many.length).to.be.within(15, 80);
    expect(strangeLabels(many), 'say in metric-labels.ts what these labels may hold').to.deep.equal([]);
    const reasons = many.filter((one) => parseSeries(one).name === 'bindings_unready');
    expect(reasons.length, String(reasons)).to.be.at.least(3);
  });

  it('count bindings by why they are not Ready, go back to none, and tell for how long nothing was read', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await simulation.apply(baseSpec);
    simulation.start();
    await simulation.untilReady();
    const value = (series: string): number => {
      simulation.operator?.measure();
      return simulation.metrics.values.get(series) ?? 0;
    };
    expect(value('bindings{ready="true"}')).to.equal(1);
    // Alone, without an election, it leads nevertheless.
    expect(value('leader')).to.equal(1);
    simulation.azure.revoke(CLIENT_ID, STORE_HOST);
    await simulation.untilReason('StoreForbidden');
    expect(value('bindings_unready{reason="StoreForbidden"}')).to.equal(1);
    expect(value('last_success_age_seconds')).to.be.below(60);
    await simulation.clock.advance(900_000);
    expect(value('last_success_age_seconds')).to.be.within(900, 960);
    expect(value('bindings_stale')).to.equal(1);
    simulation.azure.grant(CLIENT_ID, STORE_HOST);
    await simulation.untilReady();
    expect(value('bindings_unready{reason="StoreForbidden"}')).to.equal(0);
    expect(value('bindings_stale')).to.equal(0);
    expect(value('last_success_age_seconds')).to.be.below(60);
    await simulation.apply({ ...baseSpec, suspend: true });
    await simulation.clock.advance(900_000);
    expect(value('last_success_age_seconds')).to.equal(0);
    expect(value('bindings_warning')).to.equal(1);
  });

  it('tell how old the oldest copy is, of the namespaces that are served', async () => {
    const simulation = new Simulation();
    await simulation.apply(baseSpec);
    const refused = failWith({ kind: 'status', code: 503, reason: 'ServiceUnavailable', causes: [] });
    let cut = false;
    const intercept: Interceptor = ({ verb, namespace, resource }) =>
      cut && namespace === NAMESPACE && resource === 'configmaps' && verb !== 'get' ? refused : 'proceed';
    simulation.start(intercept, [`--watch-namespaces=${NAMESPACE},default`]);
    await simulation.clock.advance(60_000);
    cut = true;
    simulation.cluster.closeWatches();
    await simulation.clock.advance(900_000);
    simulation.operator?.measure();
    const age = (resource: string): number => {
      const at = simulation.metrics.values.get(`watch_last_activity_seconds{resource="${resource}"}`) ?? 0;
      return simulation.clock.now() / 1000 - at;
    };
    expect(age('configmaps')).to.be.within(900, 901);
    expect(age('appconfigbindings')).to.be.below(120);
  });

  it('tell workloads by the phase of their rollout', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await simulation.addDeployment('web');
    await simulation.apply(baseSpec);
    simulation.start();
    await simulation.until(() => simulation.binding()?.status?.rollout === '1/1');
    await simulation.clock.advance(60_000);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.until(() => simulation.binding()?.status?.rollout === '0/1');
    simulation.operator?.measure();
    expect(simulation.metrics.values.get('rollouts{phase="Progressing"}')).to.equal(1);
    await simulation.completeRollouts('web');
    await simulation.until(() => simulation.binding()?.status?.rollout === '1/1');
    simulation.operator?.measure();
    expect(simulation.metrics.values.get('rollouts{phase="Progressing"}')).to.equal(0);
    expect(simulation.metrics.values.get('rollouts{phase="Complete"}')).to.equal(1);
  });

  it('count for how many seconds a store asked to be left alone, once for all who wait', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    simulation.azure.fault = (_kind, host) =>
      host === STORE_HOST ? throttled('StoreThrottled', 'pause', 40_000) : undefined;
    for (const name of ['one', 'two', 'three'])
      await simulation.apply({ ...baseSpec, target: { configMap: { name } } }, name);
    simulation.start();
    await simulation.clock.advance(30_000);
    const seconds = simulation.metrics.values.get('azure_throttled_seconds_total{service="appconfig"}') ?? 0;
    expect(seconds).to.be.within(40, 41);
  });
});
