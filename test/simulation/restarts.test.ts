import { expect } from 'chai';
import { DEPLOYMENTS, failWith, SECRETS } from '../support/memory-cluster/index.ts';
import { change, container, generationOf, mounts, running, usesKey } from '../support/rollouts.ts';
import { baseSpec, ENDPOINT, NAMESPACE, Simulation, VAULT } from '../support/simulation.ts';

const MARKER = 'rollout.appconfig.dev/orders';

/** The operator starts again, and its key is gone. */
async function withNewHashKey(simulation: Simulation): Promise<void> {
  await simulation.stop();
  const key = { type: SECRETS, namespace: 'appconfig-system', name: 'appconfig-operator-key' };
  await simulation.cluster.admin.delete(key);
  simulation.start();
}

describe('a restart', () => {
  it('happens once for a change, and is followed until the rollout is complete', async () => {
    const simulation = await running((it) => it.addDeployment('web'));
    await change(simulation, 'color', 'green');
    expect(generationOf(simulation, 'web')).to.equal(2);
    expect(simulation.binding()?.status?.rollout).to.equal('0/1');
    expect(simulation.condition('RolloutsComplete')?.reason).to.equal('RolloutsProgressing');
    expect(simulation.condition('Ready')?.status).to.equal('True');
    await simulation.completeRollouts('web');
    await simulation.until(() => simulation.binding()?.status?.rollout === '1/1', 60_000);
    await simulation.clock.advance(3_600_000);
    expect(generationOf(simulation, 'web')).to.equal(2);
    expect(simulation.events.filter(({ reason }) => reason === 'Restarted')).to.have.length(1);
  });

  it('concerns only workloads that use a changed key at their start', async () => {
    const simulation = await running(async (it) => {
      await it.addDeployment('color', usesKey('color'));
      await it.addDeployment('size', usesKey('size'));
      await it.addDeployment('live', mounts);
      await it.addDeployment('stranger', container({}));
    });
    await change(simulation, 'color', 'green');
    const generations = ['color', 'size', 'live', 'stranger'].map((name) => generationOf(simulation, name));
    expect(generations).to.deep.equal([2, 1, 1, 1]);
  });

  it('does not happen with Never, with the opt-out annotation, or when the operator may not', async () => {
    const never = await running((it) => it.addDeployment('web'), {
      ...baseSpec,
      rollout: { restart: 'Never' },
    });
    const optedOut = await running((it) =>
      it.addDeployment('web', undefined, { 'appconfig.dev/restart': 'false' }),
    );
    const disabled = await running((it) => it.addDeployment('web'), baseSpec, ['--rollouts-enabled=false']);
    for (const simulation of [never, optedOut, disabled]) {
      await change(simulation, 'color', 'green');
      await simulation.clock.advance(600_000);
      expect(generationOf(simulation, 'web')).to.equal(1);
    }
    expect(never.condition('RolloutsComplete')?.reason).to.equal('RolloutsDisabled');
    expect(never.condition('RolloutsComplete')?.message).to.contain('spec.rollout.restart');
    expect(disabled.condition('RolloutsComplete')?.reason).to.equal('RolloutsDisabled');
    expect(optedOut.condition('RolloutsComplete')?.reason).to.equal('NoRestartNeeded');
  });

  it('follows a change that came while the operator was down', async () => {
    const simulation = await running((it) => it.addDeployment('web'));
    await simulation.stop();
    await simulation.clock.advance(60_000);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    simulation.start();
    await simulation.until(() => generationOf(simulation, 'web') === 2, 60_000);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(900_000);
    expect(generationOf(simulation, 'web')).to.equal(2);
  });

  it('is not missed when content changes right after the target was created, before workloads were ever listed', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await simulation.addDeployment('web');
    await simulation.clock.advance(60_000);
    await simulation.apply(baseSpec);
    simulation.start();
    await simulation.untilReady();
    await simulation.clock.advance(500);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.apply(baseSpec, 'orders', { 'appconfig.dev/refresh': '1' });
    await simulation.until(() => generationOf(simulation, 'web') === 2, 60_000);
  });

  it('is told by an event even if the status could not be written after it', async () => {
    const simulation = await running((it) => it.addDeployment('web'));
    let refused = 0;
    simulation.client?.kill();
    simulation.start((call) => {
      const restarted = simulation.deployment('web')?.metadata.generation === 2;
      if (call.resource !== 'appconfigbindings/status' || !restarted || refused > 0) return 'proceed';
      refused += 1;
      return failWith({ kind: 'status', code: 409, reason: 'Conflict', causes: [] });
    });
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.until(() => simulation.binding()?.status?.rollout === '0/1');
    expect(refused).to.equal(1);
    expect(simulation.events.filter(({ reason }) => reason === 'Restarted')).to.have.length(1);
    expect(simulation.events.filter(({ reason }) => reason === 'TargetUpdated')).to.have.length(1);
  });

  for (const trouble of ['deleted', 'edited'] as const) {
    it(`is judged by no Secret that someone has ${trouble}: that is put back first`, async () => {
      const simulation = await running(async (it) => {
        it.azure.setSecret(VAULT, 'db', { value: 's3cret' });
        it.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
        await it.addDeployment('web');
      });
      const { admin } = simulation.cluster;
      const secret = { type: SECRETS, namespace: NAMESPACE, name: 'orders-secrets' };
      if (trouble === 'deleted') await admin.delete(secret);
      else await admin.mergePatch(secret, { data: { password: 'eA==' } });
      await change(simulation, 'color', 'green');
      await simulation.clock.advance(600_000);
      expect(simulation.secretData()).to.deep.equal({ password: 's3cret' });
      expect(generationOf(simulation, 'web')).to.equal(2);
      expect(simulation.events.filter(({ reason }) => reason === 'Restarted')).to.have.length(1);
    });
  }

  it('is not caused by a target that someone deletes between two looks', async () => {
    const simulation = await running(async (it) => {
      it.azure.setSecret(VAULT, 'db', { value: 's3cret' });
      it.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
      await it.addDeployment('web');
    });
    const secret = { type: SECRETS, namespace: NAMESPACE, name: 'orders-secrets' };
    for (let round = 0; round < 10; round += 1) {
      await simulation.cluster.admin.delete(secret);
      await simulation.until(() => simulation.secretData()?.['password'] === 's3cret', 600_000);
      await simulation.clock.advance(37_000);
    }
    expect(generationOf(simulation, 'web')).to.equal(1);
  });

  it('does not fight kubectl rollout undo', async () => {
    const simulation = await running((it) => it.addDeployment('web'));
    await change(simulation, 'color', 'green');
    await simulation.completeRollouts('web');
    const ref = { type: DEPLOYMENTS, namespace: NAMESPACE, name: 'web' };
    const undo = { spec: { template: { metadata: { annotations: { [MARKER]: null } } } } };
    await simulation.cluster.admin.mergePatch(ref, undo);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(1_800_000);
    expect(generationOf(simulation, 'web')).to.equal(3);
  });

  it('is not caused by a new hash key: it is recorded and nothing restarts', async () => {
    const simulation = await running((it) => it.addDeployment('web'));
    await change(simulation, 'color', 'green');
    await simulation.completeRollouts('web');
    await withNewHashKey(simulation);
    await simulation.clock.advance(1_800_000);
    expect(generationOf(simulation, 'web')).to.equal(2);
    await change(simulation, 'color', 'red');
    expect(generationOf(simulation, 'web')).to.equal(3);
  });

  it('is not lost with the hash key while it waits for its interval', async () => {
    const simulation = await running((it) => it.addDeployment('web'), {
      ...baseSpec,
      rollout: { minInterval: '10m' },
    });
    await change(simulation, 'color', 'green');
    await simulation.completeRollouts('web');
    await change(simulation, 'color', 'red');
    await simulation.clock.advance(30_000);
    expect(simulation.binding()?.status?.rollouts?.[0]?.phase).to.equal('Pending');
    await withNewHashKey(simulation);
    await simulation.until(() => generationOf(simulation, 'web') === 3, 1_800_000);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(1_800_000);
    expect(generationOf(simulation, 'web')).to.equal(3);
  });

  it('is not lost with the hash key during a dry run that told of it', async () => {
    const simulation = await running((it) => it.addDeployment('web'), {
      ...baseSpec,
      rollout: { dryRun: true },
    });
    await change(simulation, 'color', 'green');
    await simulation.clock.advance(30_000);
    await withNewHashKey(simulation);
    await simulation.clock.advance(1_800_000);
    expect(simulation.binding()?.status?.rollouts?.[0]?.phase).to.equal('DryRun');
    await simulation.apply(baseSpec);
    await simulation.until(() => generationOf(simulation, 'web') === 2, 60_000);
  });

  it('is not lost with the hash key, however many wait beyond those that the status lists', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `web-${index}`);
    const simulation = await running(
      async (it) => {
        for (const name of names) await it.addDeployment(name);
      },
      { ...baseSpec, rollout: { dryRun: true } },
    );
    await change(simulation, 'color', 'green');
    await simulation.clock.advance(30_000);
    expect(simulation.binding()?.status?.rollouts).to.have.length(20);
    await withNewHashKey(simulation);
    await simulation.clock.advance(1_800_000);
    await simulation.apply({ ...baseSpec, rollout: { maxConcurrent: 20 } });
    const restarted = () => names.filter((name) => generationOf(simulation, name) === 2);
    await simulation.until(() => restarted().length === 20, 60_000);
    for (const name of restarted()) await simulation.completeRollouts(name);
    await simulation.until(() => restarted().length === 25, 60_000);
  });

  it('leaves a workload alone that is newer than the content', async () => {
    const simulation = await running(async () => {});
    await change(simulation, 'color', 'green');
    await simulation.clock.advance(60_000);
    await simulation.addDeployment('late');
    await simulation.clock.advance(900_000);
    expect(generationOf(simulation, 'late')).to.equal(1);
    await change(simulation, 'color', 'red');
    expect(generationOf(simulation, 'late')).to.equal(2);
  });

  it('is made for content that changed while binding and targets were deleted', async () => {
    const simulation = await running((it) => it.addDeployment('web'));
    await change(simulation, 'color', 'green');
    await simulation.completeRollouts('web');
    await simulation.deleteBinding();
    await simulation.until(() => simulation.configMap() === undefined, 60_000);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'red' });
    await simulation.clock.advance(60_000);
    await simulation.apply(baseSpec);
    await simulation.untilReady();
    await simulation.until(() => generationOf(simulation, 'web') === 3, 60_000);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(900_000);
    expect(generationOf(simulation, 'web')).to.equal(3);
  });

  it('has a marker of its own for each binding that a workload uses', async () => {
    const simulation = await running(async (it) => {
      const spec = { ...baseSpec, selectors: [{ key: 'size' }], target: { configMap: { name: 'second' } } };
      await it.apply(spec, 'second');
      const envFrom = [{ configMapRef: { name: 'orders-config' } }, { configMapRef: { name: 'second' } }];
      await it.addDeployment('web', container({ envFrom }));
    });
    await change(simulation, 'color', 'green');
    // The other binding gets some seconds to see the same change.
    await simulation.until(() => generationOf(simulation, 'web') === 2, 10_000);
    const first = Object.keys(simulation.deployment('web')?.spec?.template?.metadata?.annotations ?? {});
    expect(first).to.deep.equal([MARKER]);
    await simulation.completeRollouts('web');
    simulation.azure.set(ENDPOINT, { key: 'size', value: 'XL' });
    await simulation.until(() => simulation.configMap('second')?.data?.['size'] === 'XL');
    await simulation.clock.advance(60_000);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(1_800_000);
    const annotations = Object.keys(
      simulation.deployment('web')?.spec?.template?.metadata?.annotations ?? {},
    );
    expect(annotations).to.have.members([MARKER, 'rollout.appconfig.dev/second']);
    expect(generationOf(simulation, 'web')).to.equal(3);
  });
});
