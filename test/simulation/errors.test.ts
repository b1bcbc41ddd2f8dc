import { expect } from 'chai';
import type { KubernetesError } from '../../src/ports/kubernetes.ts';
import type { Interceptor, WriteRecord } from '../support/memory-cluster/index.ts';
import { API_ERRORS, mayBeApplied } from '../support/ordeal/steps.ts';
import { baseSpec, ENDPOINT, Simulation, VAULT } from '../support/simulation.ts';

/**
 * Every write of a first sync, a change and a rename is answered once by every error, with and without the cluster
 * having done what was asked. The end must be that of a run without an error, no restart lost and none doubled.
 */

const renamed = {
  ...baseSpec,
  target: { configMap: { name: 'new-config' }, secret: { name: 'new-secrets' } },
};

async function story(
  intercept: Interceptor,
  begin: (simulation: Simulation) => void = () => undefined,
): Promise<Simulation> {
  const simulation = new Simulation();
  begin(simulation);
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: 'one' });
  simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  await simulation.addDeployment('web');
  await simulation.apply(baseSpec);
  simulation.start(intercept);
  await simulation.clock.advance(400_000);
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
  simulation.azure.setSecret(VAULT, 'db', { value: 'two' });
  await simulation.apply(baseSpec, 'orders', { 'appconfig.dev/refresh': 'again' });
  await simulation.clock.advance(400_000);
  await simulation.completeRollouts('web');
  await simulation.apply(renamed, 'orders', { 'appconfig.dev/refresh': 'again' });
  await simulation.clock.advance(400_000);
  return simulation;
}

const MARKER = 'rollout.appconfig.dev/orders';

function outcome(simulation: Simulation) {
  const status = simulation.binding()?.status;
  const restarts = simulation.cluster.changes().filter(({ resource }) => resource === 'deployments');
  return {
    configMaps: [simulation.configMap()?.data, simulation.configMap('new-config')?.data],
    secrets: [simulation.secretData(), simulation.secretData('new-secrets')],
    marked: Object.keys(simulation.deployment('web')?.spec?.template?.metadata?.annotations ?? {}).includes(
      MARKER,
    ),
    restarts: restarts.length,
    conditions: status?.conditions?.map(({ type, status: is, reason, message }) => [
      type,
      is,
      reason,
      message,
    ]),
    handled: status?.lastHandledRefresh,
    targets: status?.targets?.map(({ kind, name, keys }) => [kind, name, keys]),
    counts: [status?.settings, status?.secrets, status?.references],
    recorded: Object.keys(status?.restarts ?? {}),
  };
}

/** The writes of a run without an error, in order. */
async function faultless(): Promise<{
  readonly simulation: Simulation;
  readonly writes: readonly WriteRecord[];
}> {
  const simulation = await story(() => 'proceed');
  return {
    simulation,
    writes: simulation.cluster.log.filter(({ manager }) => manager === 'appconfig-operator'),
  };
}

const answer =
  (index: number, error: KubernetesError, applied: boolean): Interceptor =>
  ({ write }) =>
    write === index ? { kind: 'fail', error, applied } : 'proceed';

const nameOf = (error: KubernetesError): string =>
  error.kind === 'status' ? `${error.code} ${error.causes.map(({ field }) => field).join()}` : error.kind;

describe('an error of the API server', function () {
  this.timeout(300_000);

  it('in answer to any write ends in the same state, whether or not it was carried out', async () => {
    const { simulation: reference, writes } = await faultless();
    const expected = outcome(reference);
    expect(expected.restarts).to.equal(1);
    const wrong: string[] = [];
    let cases = 0;
    for (const [index, write] of writes.entries()) {
      for (const error of API_ERRORS) {
        // A server that says that something is gone is believed.
        if (write.verb === 'delete' && error.kind === 'status' && error.code === 404) continue;
        for (const applied of mayBeApplied(error) ? [false, true] : [false]) {
          const ended = outcome(await story(answer(index, error, applied)));
          cases += 1;
          const title = `write ${index} (${write.verb} ${write.resource}) ${nameOf(error)} applied=${applied}`;
          if (JSON.stringify(ended) !== JSON.stringify(expected))
            wrong.push(`${title}: ${JSON.stringify(ended)}`);
        }
      }
    }
    expect(wrong.join('\n'), JSON.stringify(expected)).to.equal('');
    expect(cases).to.be.greaterThan(100);
  });

  it('that asks for a pause (429) is obeyed: the binding writes nothing, not even its status, until then', async () => {
    const retryAfterMs = 20_000;
    const error = { kind: 'status', code: 429, reason: 'TooManyRequests', causes: [], retryAfterMs } as const;
    const { writes } = await faultless();
    // Up to the status of the first sync: what comes later has other reasons to wait.
    const first = writes.findIndex(({ resource }) => resource === 'configmaps') + 1;
    for (let refused = 0; refused <= first; refused += 1) {
      const times: number[] = [];
      let simulation: Simulation | undefined;
      const told = await story(
        (call) => {
          if (call.write === undefined) return 'proceed';
          times.push(simulation?.clock.now() ?? 0);
          return call.write === refused ? { kind: 'fail', error } : 'proceed';
        },
        (made) => {
          simulation = made;
        },
      );
      const [at = 0, next = 0] = times.slice(refused);
      expect(next - at, `pause after write ${refused}`).to.be.at.least(retryAfterMs);
      expect(told.condition('Ready')?.status).to.equal('True');
    }
  });
});
