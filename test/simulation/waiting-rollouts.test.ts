import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import type { KubernetesObject } from '../../src/ports/kubernetes.ts';
import { STATEFUL_SETS } from '../support/memory-cluster/index.ts';
import { change, container, failRollout, generationOf, running } from '../support/rollouts.ts';
import { baseSpec, NAMESPACE, type Simulation } from '../support/simulation.ts';

const everything = container({ envFrom: [{ configMapRef: { name: 'orders-config' } }] });
const patient: BindingSpec = { ...baseSpec, rollout: { minInterval: '30m' } };
const ref = { type: STATEFUL_SETS, namespace: NAMESPACE, name: 'db' };

/** What its controller reports of one pod. */
const report = async (simulation: Simulation, ready: number): Promise<void> => {
  const { generation = 1 } = simulation.cluster.read<KubernetesObject>(ref)?.metadata ?? {};
  const counts = { replicas: 1, readyReplicas: ready, updatedReplicas: ready };
  const status = { observedGeneration: generation, ...counts };
  await simulation.cluster.admin.mergePatch(ref, { status }, { subresource: 'status' });
};

async function withStatefulSet(): Promise<Simulation> {
  const simulation = await running(async (it) => {
    const spec = { replicas: 1, template: { metadata: { labels: { app: 'db' } }, spec: everything } };
    it.cluster.seed(STATEFUL_SETS, {
      metadata: { namespace: NAMESPACE, name: 'db' },
      spec,
    } as KubernetesObject);
    await report(it, 1);
  }, patient);
  await change(simulation, 'color', 'green');
  await report(simulation, 0);
  return simulation;
}

const toldOf = (simulation: Simulation) => simulation.binding()?.status?.rollouts?.[0];

describe('a restart that waits while the one before it is under way', () => {
  it('costs no write, however long it waits', async () => {
    const simulation = await withStatefulSet();
    await change(simulation, 'color', 'red');
    await simulation.clock.advance(10_000);
    expect(toldOf(simulation)?.phase).to.equal('Pending');
    const written = simulation.cluster.changes().length;
    await simulation.clock.advance(1_200_000);
    expect(simulation.cluster.changes().slice(written)).to.deep.equal([]);
  });

  it('tells of the end of the one before', async () => {
    const simulation = await withStatefulSet();
    await change(simulation, 'color', 'red');
    await report(simulation, 1);
    await simulation.until(() => toldOf(simulation)?.completedAt !== undefined, 60_000);
    expect(toldOf(simulation)?.phase).to.equal('Pending');
  });

  it('costs no listing of workloads beside that of the drift interval where the one before has failed', async () => {
    const lists: string[] = [];
    const simulation = await running(
      (it) => it.addDeployment('web', everything),
      patient,
      [],
      ({ verb, resource }) => {
        if (verb === 'list' && resource === 'deployments') lists.push(resource);
        return 'proceed';
      },
    );
    await change(simulation, 'color', 'green');
    await failRollout(simulation, 'web');
    await simulation.untilReason('RolloutFailed', 'RolloutsComplete');
    await change(simulation, 'color', 'red');
    await simulation.clock.advance(60_000);
    expect(toldOf(simulation)?.phase).to.equal('Pending');
    lists.length = 0;
    await simulation.clock.advance(900_000);
    expect(lists.length).to.be.at.most(3);
    await simulation.until(() => generationOf(simulation, 'web') === 3, 1_800_000);
  });
});
