import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import type { KubernetesObject } from '../../src/ports/kubernetes.ts';
import { answers, DEPLOYMENTS, failWith, STATEFUL_SETS } from '../support/memory-cluster/index.ts';
import { change, container, generationOf, mounts, running, usesKey } from '../support/rollouts.ts';
import { baseSpec, ENDPOINT, NAMESPACE, type Simulation, VAULT } from '../support/simulation.ts';

type Rollout = NonNullable<BindingSpec['rollout']>;

const everything = container({ envFrom: [{ configMapRef: { name: 'orders-config' } }] });

describe('restarts of selected workloads', () => {
  const selected = {
    ...baseSpec,
    rollout: { restart: 'Selected' as const, workloads: [{ kind: 'Deployment' as const, name: 'web' }] },
  };

  it('concern those that are named, by volumes too, and no others', async () => {
    const simulation = await running(async (it) => {
      await it.addDeployment('web', mounts);
      await it.addDeployment('other', everything);
    }, selected);
    await change(simulation, 'color', 'green');
    expect(generationOf(simulation, 'web')).to.equal(2);
    expect(generationOf(simulation, 'other')).to.equal(1);
    expect(simulation.binding()?.status?.rollout).to.equal('0/1');
  });

  it('concern one of which no use can be told for every change, and one that uses a key for that key', async () => {
    const workloads = ['opaque', 'precise'].map((name) => ({ kind: 'Deployment' as const, name }));
    const simulation = await running(
      async (it) => {
        await it.addDeployment('opaque', container({}));
        await it.addDeployment('precise', usesKey('size'));
      },
      { ...baseSpec, rollout: { restart: 'Selected', workloads } },
    );
    await change(simulation, 'color', 'green');
    expect(generationOf(simulation, 'opaque')).to.equal(2);
    expect(generationOf(simulation, 'precise')).to.equal(1);
  });

  it('concern those that carry the labels', async () => {
    const rollout = { restart: 'Selected' as const, selector: { matchLabels: { reload: 'yes' } } };
    const simulation = await running(
      async (it) => {
        await it.addDeployment('web', everything);
        await it.addDeployment('other', everything);
        const ref = { type: DEPLOYMENTS, namespace: NAMESPACE, name: 'web' };
        await it.cluster.admin.mergePatch(ref, { metadata: { labels: { reload: 'yes' } } });
      },
      { ...baseSpec, rollout },
    );
    await change(simulation, 'color', 'green');
    expect(generationOf(simulation, 'web')).to.equal(2);
    expect(generationOf(simulation, 'other')).to.equal(1);
  });

  it('name a workload that does not exist, until it does', async () => {
    const simulation = await running((it) => it.addDeployment('other', everything), baseSpec);
    await simulation.apply(selected);
    await simulation.untilReason('WorkloadNotFound', 'RolloutsComplete');
    const missing = simulation.condition('RolloutsComplete');
    expect(missing?.status).to.equal('False');
    expect(missing?.message).to.include('Deployment web').and.include('spec.rollout.workloads');
    expect(simulation.condition('Ready')?.status).to.equal('True');
    await simulation.addDeployment('web', everything);
    await simulation.untilReason('Completed', 'RolloutsComplete');
  });

  it('say so when the selector matches nothing', async () => {
    const simulation = await running((it) => it.addDeployment('other', everything), {
      ...baseSpec,
      rollout: { restart: 'Selected', selector: { matchLabels: { reload: 'yes' } } },
    });
    expect(simulation.condition('RolloutsComplete')?.message).to.include('spec.rollout.selector');
  });

  it('do not happen against the annotation of the workload', async () => {
    const simulation = await running(
      (it) => it.addDeployment('web', everything, { 'appconfig.dev/restart': 'false' }),
      selected,
    );
    await change(simulation, 'color', 'green');
    await simulation.clock.advance(600_000);
    expect(generationOf(simulation, 'web')).to.equal(1);
  });

  it('are not repeated when the same workloads are restarted automatically again', async () => {
    const simulation = await running((it) => it.addDeployment('web', everything), selected);
    await change(simulation, 'color', 'green');
    await simulation.completeRollouts('web');
    await simulation.apply(baseSpec);
    await simulation.clock.advance(900_000);
    expect(generationOf(simulation, 'web')).to.equal(2);
  });
});

describe('an edit of the policy', () => {
  /** One key counts; with volumes all of them do. */
  const mixed = {
    ...container({
      env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'orders-config', key: 'color' } } }],
      volumeMounts: [{ name: 'v', mountPath: '/etc/app' }],
    }),
    volumes: [{ name: 'v', configMap: { name: 'orders-config' } }],
  };
  const named: Rollout = { restart: 'Selected', workloads: [{ kind: 'Deployment', name: 'web' }] };
  const edits: [string, Rollout][] = [
    ['that makes volumes count', { includeVolumes: true }],
    ['that selects it', named],
  ];
  for (const [edit, rollout] of edits)
    it(`${edit} does not repeat the restart of a workload that has all content`, async () => {
      const simulation = await running((it) => it.addDeployment('web', mixed));
      await change(simulation, 'color', 'green');
      await simulation.completeRollouts('web');
      await simulation.clock.advance(900_000);
      await simulation.apply({ ...baseSpec, rollout });
      await simulation.clock.advance(900_000);
      expect(generationOf(simulation, 'web')).to.equal(2);
    });

  it('that makes volumes count restarts a workload whose files changed after its last restart', async () => {
    const simulation = await running((it) => it.addDeployment('web', mixed));
    await change(simulation, 'color', 'green');
    await simulation.completeRollouts('web');
    await simulation.clock.advance(120_000);
    await change(simulation, 'size', 'XL');
    await simulation.clock.advance(900_000);
    expect(generationOf(simulation, 'web')).to.equal(2);
    await simulation.apply({ ...baseSpec, rollout: { includeVolumes: true } });
    await simulation.until(() => generationOf(simulation, 'web') === 3, 60_000);
  });
});

describe('a target that the binding leaves', () => {
  const sizeAndPassword = container({
    env: [
      { name: 'S', valueFrom: { configMapKeyRef: { name: 'orders-config', key: 'size' } } },
      { name: 'P', valueFrom: { secretKeyRef: { name: 'orders-secrets', key: 'password' } } },
    ],
  });
  const withoutSecret: BindingSpec = {
    ...baseSpec,
    selectors: [{ key: 'color,size' }],
    target: { configMap: { name: 'orders-config' } },
  };
  const withSecret = () =>
    running(async (it) => {
      it.azure.setSecret(VAULT, 'db', { value: 's3cret' });
      it.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
      await it.addDeployment('web', sizeAndPassword);
    });

  for (const deletionPolicy of ['Delete', 'Retain'] as const)
    it(`restarts no workload that still names it (${deletionPolicy})`, async () => {
      const simulation = await withSecret();
      await change(simulation, 'color', 'green');
      await simulation.clock.advance(900_000);
      const target = { ...withoutSecret.target, deletionPolicy };
      await simulation.apply({ ...withoutSecret, target });
      await simulation.clock.advance(900_000);
      expect(simulation.binding()?.status?.targets).to.have.length(1);
      expect(simulation.secret() === undefined).to.equal(deletionPolicy === 'Delete');
      expect(generationOf(simulation, 'web')).to.equal(1);
      await change(simulation, 'size', 'XL');
      expect(generationOf(simulation, 'web')).to.equal(2);
    });

  it('hides no change of what the workload still reads that comes with the edit', async () => {
    const simulation = await withSecret();
    await change(simulation, 'color', 'green');
    simulation.azure.set(ENDPOINT, { key: 'size', value: 'XL' });
    await simulation.apply(withoutSecret);
    await simulation.until(() => generationOf(simulation, 'web') === 2, 60_000);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(900_000);
    expect(generationOf(simulation, 'web')).to.equal(2);
  });
});

describe('a target that the binding takes', () => {
  const both = container({
    envFrom: [
      { configMapRef: { name: 'orders-config' } },
      { secretRef: { name: 'orders-secrets', optional: true } },
    ],
  });

  it('hides no change of what the workload read before that comes with it in the second of a restart', async () => {
    const plain: BindingSpec = {
      ...baseSpec,
      selectors: [{ key: 'color' }],
      target: { configMap: { name: 'orders-config' } },
    };
    const simulation = await running((it) => it.addDeployment('web', both), plain);
    const startOfSecond = 1_000 - (simulation.clock.now() % 1_000);
    await simulation.clock.advance(startOfSecond);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.apply(plain, 'orders', { 'appconfig.dev/refresh': 'now' });
    await simulation.until(() => generationOf(simulation, 'web') === 2, 500);
    const second = Math.floor(simulation.clock.now() / 1_000);
    simulation.azure.setSecret(VAULT, 'db', { value: 's3cret' });
    simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
    await simulation.apply(baseSpec);
    await simulation.until(() => simulation.configMap()?.data?.['size'] === 'L', 500);
    expect(Math.floor(simulation.clock.now() / 1_000)).to.equal(second);
    await simulation.completeRollouts('web');
    await simulation.until(() => generationOf(simulation, 'web') === 3, 300_000);
  });
});

describe('an application that does not read files again', () => {
  it('is restarted for a changed file with includeVolumes, and not without', async () => {
    const simulation = await running((it) => it.addDeployment('web', mounts));
    await change(simulation, 'color', 'green');
    expect(generationOf(simulation, 'web')).to.equal(1);
    await simulation.apply({ ...baseSpec, rollout: { includeVolumes: true } });
    // Its pods may have read the files before the last change: that is made up for.
    await simulation.until(() => generationOf(simulation, 'web') === 2);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(120_000);
    await change(simulation, 'color', 'red');
    expect(generationOf(simulation, 'web')).to.equal(3);
  });
});

describe('a workload that rolls out only when a person acts', () => {
  const statefulSet = (updateStrategy: object): KubernetesObject =>
    ({
      metadata: { namespace: NAMESPACE, name: 'db' },
      spec: {
        replicas: 1,
        updateStrategy,
        template: { metadata: { labels: { app: 'db' } }, spec: everything },
      },
    }) as KubernetesObject;

  async function completeStatefulSet(simulation: Simulation, updatedReplicas = 1): Promise<void> {
    const ref = { type: STATEFUL_SETS, namespace: NAMESPACE, name: 'db' };
    const { generation = 1 } = simulation.cluster.read<KubernetesObject>(ref)?.metadata ?? {};
    const status = { observedGeneration: generation, replicas: 1, readyReplicas: 1, updatedReplicas };
    await simulation.cluster.admin.mergePatch(ref, { status }, { subresource: 'status' });
  }

  it('is given its new template when it is paused, said to be paused, and done when it is resumed', async () => {
    const simulation = await running((it) => it.addDeployment('web', everything));
    const ref = { type: DEPLOYMENTS, namespace: NAMESPACE, name: 'web' };
    const { admin } = simulation.cluster;
    await admin.mergePatch(ref, { spec: { paused: true } });
    await change(simulation, 'color', 'green');
    const seen = async () => {
      const { generation: observedGeneration = 0 } = simulation.deployment('web')?.metadata ?? {};
      const status = { observedGeneration, replicas: 1, updatedReplicas: 0, availableReplicas: 1 };
      await admin.mergePatch(ref, { status }, { subresource: 'status' });
    };
    await seen();
    await simulation.untilReason('RolloutPaused', 'RolloutsComplete');
    expect(simulation.condition('RolloutsComplete')?.message).to.include('kubectl rollout resume');
    await change(simulation, 'size', 'XL');
    await simulation.clock.advance(600_000);
    expect(simulation.deployment('web')?.spec?.paused).to.equal(true);
    await seen();
    await simulation.untilReason('RolloutPaused', 'RolloutsComplete');
    await admin.mergePatch(ref, { spec: { paused: false } });
    await simulation.untilReason('RolloutsProgressing', 'RolloutsComplete', 'orders', 65_000);
    await simulation.completeRollouts('web');
    await simulation.untilReason('Completed', 'RolloutsComplete', 'orders', 20_000);
  });

  it('is told, and not forced, when its strategy is OnDelete', async () => {
    const simulation = await running(async (it) => {
      it.cluster.seed(STATEFUL_SETS, statefulSet({ type: 'OnDelete' }));
      await completeStatefulSet(it);
    });
    await change(simulation, 'color', 'green');
    await completeStatefulSet(simulation, 0);
    await simulation.untilReason('RolloutPaused', 'RolloutsComplete');
    expect(simulation.condition('RolloutsComplete')?.message).to.include('delete the old pods');
    expect(simulation.binding()?.status?.rollouts?.[0]?.phase).to.equal('OnDelete');
    await simulation.clock.advance(60_000);
    const written = simulation.cluster.changes().length;
    await simulation.clock.advance(3_600_000);
    expect(simulation.cluster.changes().slice(written)).to.deep.equal([]);
    await completeStatefulSet(simulation);
    await simulation.untilReason('Completed', 'RolloutsComplete', 'orders', 65_000);
  });
});

describe('a restart that the API server refuses', () => {
  for (const [code, refusal] of [
    [403, answers.forbidden()],
    [409, answers.conflict()],
  ] as const) {
    it(`stays due when the workload is labelled meanwhile, although it was never recorded (${code})`, async () => {
      let refused = 0;
      const never = { ...baseSpec, rollout: { restart: 'Never' as const } };
      const simulation = await running(
        (it) => it.addDeployment('web', everything),
        never,
        [],
        ({ verb, resource }) => {
          if (verb !== 'patch' || resource !== 'deployments' || refused > 0) return 'proceed';
          refused += 1;
          return failWith(refusal);
        },
      );
      await change(simulation, 'color', 'green');
      await simulation.apply(baseSpec);
      await simulation.until(() => refused === 1);
      const ref = { type: DEPLOYMENTS, namespace: NAMESPACE, name: 'web' };
      await simulation.cluster.admin.mergePatch(ref, { metadata: { labels: { team: 'shop' } } });
      await simulation.until(() => generationOf(simulation, 'web') === 2, 900_000);
    });
  }
});
