import { expect } from 'chai';
import { unavailable } from '../../src/domain/failure.ts';
import type { Interceptor } from '../support/memory-cluster/index.ts';
import { CONFIG_MAPS } from '../support/memory-cluster/index.ts';
import {
  baseSpec,
  CLIENT_ID,
  ENDPOINT,
  NAMESPACE,
  Simulation,
  STORE_HOST,
  VAULT,
} from '../support/simulation.ts';

/**
 * How often a binding is looked at while nothing changes, in good states and in bad ones. A pass costs requests:
 * a state in which one leads straight to the next would hammer the store, the vault and the API server.
 */

const HOUR = 3_600_000;

interface State {
  readonly title: string;
  readonly arrange?: (simulation: Simulation) => void | Promise<void>;
  /** After the binding was Ready once. */
  readonly disturb?: (simulation: Simulation) => void | Promise<void>;
  readonly intercept?: Interceptor;
}

const refuse =
  (verb: string, resource: string, code: number): Interceptor =>
  (call) =>
    call.verb === verb && call.resource === resource
      ? { kind: 'fail', error: { kind: 'status', code, reason: 'Injected', causes: [] } }
      : 'proceed';

const states: readonly State[] = [
  { title: 'at rest' },
  {
    title: 'with a reference that never had a value',
    arrange: ({ azure }) => azure.setReference(ENDPOINT, 'token', { vault: VAULT, name: 'missing' }),
  },
  {
    title: 'with a reference that lost its value',
    disturb: ({ azure }) => azure.deleteSecret(VAULT, 'db'),
  },
  {
    title: 'with a key that has become a reference without a value',
    disturb: ({ azure }) => azure.setReference(ENDPOINT, 'color', { vault: VAULT, name: 'missing' }),
  },
  {
    title: 'that may not list workloads',
    intercept: refuse('list', 'deployments', 403),
  },
  {
    title: 'that may not patch workloads',
    intercept: refuse('patch', 'deployments', 403),
    disturb: ({ azure }) => azure.set(ENDPOINT, { key: 'color', value: 'green' }),
  },
  {
    title: 'whose API server answers lists of workloads with 503',
    intercept: refuse('list', 'deployments', 503),
  },
  {
    title: 'whose status cannot be written',
    intercept: refuse('patch', 'appconfigbindings/status', 403),
  },
  {
    title: 'whose API server is overloaded',
    intercept: refuse('create', 'configmaps', 429),
  },
  {
    title: 'whose Secret may not be read',
    intercept: refuse('get', 'secrets', 403),
  },
  { title: 'whose role was taken away', disturb: ({ azure }) => azure.revoke(CLIENT_ID, STORE_HOST) },
  { title: 'whose vault forbids everything', disturb: ({ azure }) => azure.revoke(CLIENT_ID, VAULT) },
  {
    title: 'whose store is unreachable',
    disturb: ({ azure }) => {
      azure.fault = () => unavailable('StoreUnreachable', 'The store cannot be reached.');
    },
  },
  {
    title: 'with a hasty server that asks to come back at once',
    disturb: ({ azure }) => {
      azure.fault = () => unavailable('StoreUnreachable', 'The store cannot be reached.', 0);
    },
  },
  {
    title: 'with a foreign ConfigMap in its place',
    arrange: ({ cluster }) =>
      void cluster.seed(CONFIG_MAPS, { metadata: { namespace: NAMESPACE, name: 'orders-config' } }),
  },
  {
    title: 'that selects nothing',
    arrange: ({ azure }) => {
      azure.delete(ENDPOINT, 'color');
      azure.delete(ENDPOINT, 'password');
    },
  },
  { title: 'that is suspended', disturb: (simulation) => simulation.apply({ ...baseSpec, suspend: true }) },
];

async function steady({ arrange, disturb, intercept }: State): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: 's3cret' });
  simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  await simulation.addDeployment('web');
  await arrange?.(simulation);
  await simulation.apply(baseSpec);
  simulation.start(intercept);
  await simulation.clock.advance(120_000);
  await disturb?.(simulation);
  // Backoffs have grown to their full length by then.
  await simulation.clock.advance(1_800_000);
  return simulation;
}

const passes = ({ metrics }: Simulation): number =>
  [...metrics.values]
    .filter(([series]) => series.startsWith('reconcile_total'))
    .reduce((sum, [, count]) => sum + count, 0);

describe('a binding in a steady state', function () {
  this.timeout(60_000);

  for (const state of states) {
    it(`${state.title} is looked at a few times per interval at most, and its status does not change`, async () => {
      const simulation = await steady(state);
      const before = passes(simulation);
      const secretReads = simulation.azure.calls.filter(({ kind }) => kind === 'secret').length;
      const written = simulation.cluster.changes().length;
      const told = simulation.events.length;
      await simulation.clock.advance(HOUR);
      // 120 intervals of 30 s, jittered by up to a tenth; 12 of each of the two slow ones; rollouts are followed.
      expect(passes(simulation) - before, 'passes').to.be.at.most(440);
      const reads = simulation.azure.calls.filter(({ kind }) => kind === 'secret').length - secretReads;
      expect(reads, 'secrets read').to.be.at.most(2 * 140);
      expect(simulation.cluster.changes().slice(written), 'writes').to.deep.equal([]);
      expect(simulation.events.slice(told), 'events').to.deep.equal([]);
    });
  }
});
