import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { DEPLOYMENTS } from '../support/memory-cluster/index.ts';
import { change, container, failRollout, generationOf, running, usesKey } from '../support/rollouts.ts';
import { baseSpec, ENDPOINT, NAMESPACE, type Simulation } from '../support/simulation.ts';

const all = container({ envFrom: [{ configMapRef: { name: 'orders-config' } }] });
const withRollout = (rollout: NonNullable<BindingSpec['rollout']>): BindingSpec => ({ ...baseSpec, rollout });
const several =
  (...names: string[]) =>
  async (simulation: Simulation) => {
    for (const name of names) await simulation.addDeployment(name, all);
  };
const generations = (simulation: Simulation, ...names: string[]) =>
  names.map((name) => generationOf(simulation, name));
const rolloutOf = (simulation: Simulation, name: string, binding = 'orders') =>
  simulation.binding(binding)?.status?.rollouts?.find((rollout) => rollout.name === name);

async function recover(simulation: Simulation, name: string): Promise<void> {
  const ref = { type: DEPLOYMENTS, namespace: NAMESPACE, name };
  await simulation.cluster.admin.mergePatch(ref, { status: { conditions: null } }, { subresource: 'status' });
  await simulation.completeRollouts(name);
}

describe('the minimum interval between restarts', () => {
  it('makes one restart of all changes that come within it, and restarts at once after a quiet time', async () => {
    const simulation = await running(several('web'));
    await change(simulation, 'color', 'green');
    expect(generationOf(simulation, 'web')).to.equal(2);
    await simulation.completeRollouts('web');
    for (const color of ['red', 'white', 'black']) {
      await simulation.apply(baseSpec, 'orders', { 'appconfig.dev/refresh': color });
      await change(simulation, 'color', color);
    }
    expect(generationOf(simulation, 'web')).to.equal(2);
    expect(rolloutOf(simulation, 'web')?.phase).to.equal('Pending');
    expect(rolloutOf(simulation, 'web')?.message).to.include('spec.rollout.minInterval (1m)');
    await simulation.clock.advance(70_000);
    expect(generationOf(simulation, 'web')).to.equal(3);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(900_000);
    expect(generationOf(simulation, 'web')).to.equal(3);
    expect(simulation.binding()?.status?.rollout).to.equal('1/1');
    await change(simulation, 'color', 'pink');
    expect(generationOf(simulation, 'web')).to.equal(4);
  });

  it('restarts nothing when content is back where it was by then', async () => {
    const simulation = await running(several('web'));
    await change(simulation, 'color', 'green');
    await simulation.completeRollouts('web');
    await simulation.apply(baseSpec, 'orders', { 'appconfig.dev/refresh': '1' });
    await change(simulation, 'color', 'red');
    await simulation.apply(baseSpec, 'orders', { 'appconfig.dev/refresh': '2' });
    await change(simulation, 'color', 'green');
    await simulation.clock.advance(900_000);
    expect(generationOf(simulation, 'web')).to.equal(2);
    expect(simulation.binding()?.status?.rollout).to.equal('1/1');
  });

  it('restarts once more when content was another one while the rollout still started pods', async () => {
    const simulation = await running(several('web'), withRollout({ minInterval: '30m' }));
    for (const color of ['green', 'red', 'green']) await change(simulation, 'color', color);
    expect(generationOf(simulation, 'web')).to.equal(2);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(1_900_000);
    expect(generationOf(simulation, 'web')).to.equal(3);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(7_200_000);
    expect(generationOf(simulation, 'web')).to.equal(3);
    expect(simulation.binding()?.status?.rollout).to.equal('1/1');
  });

  it('is as long as the binding says', async () => {
    const simulation = await running(several('web'), withRollout({ minInterval: '30m' }));
    await change(simulation, 'color', 'green');
    await simulation.completeRollouts('web');
    await change(simulation, 'color', 'red');
    await simulation.clock.advance(1_500_000);
    expect(generationOf(simulation, 'web')).to.equal(2);
    await simulation.until(() => generationOf(simulation, 'web') === 3, 400_000);
  });

  it('bounds how often flapping content restarts', async () => {
    const simulation = await running(several('web'));
    const before = generationOf(simulation, 'web') ?? 0;
    const startedAt = simulation.clock.now();
    for (let n = 0; n < 200; n += 1) {
      simulation.azure.set(ENDPOINT, { key: 'color', value: `flap-${n}` });
      await simulation.clock.advance(5_000);
      await simulation.completeRollouts('web');
    }
    const minutes = (simulation.clock.now() - startedAt) / 60_000;
    expect((generationOf(simulation, 'web') ?? 0) - before).to.be.within(2, Math.ceil(minutes) + 1);
  });

  it('is kept by another operator that takes over while a restart waits, and the restart is not lost', async () => {
    const simulation = await running(several('web'));
    await change(simulation, 'color', 'green');
    await simulation.completeRollouts('web');
    await simulation.apply(baseSpec, 'orders', { 'appconfig.dev/refresh': '1' });
    await change(simulation, 'color', 'red');
    const restartedAt = Date.parse(rolloutOf(simulation, 'web')?.restartedAt ?? '');
    simulation.client?.kill();
    simulation.start();
    await simulation.until(() => generationOf(simulation, 'web') === 3, 90_000);
    expect(simulation.clock.now() - restartedAt).to.be.at.least(60_000);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(900_000);
    expect(generationOf(simulation, 'web')).to.equal(3);
  });

  it('costs no write and no listing while a restart waits', async () => {
    const simulation = await running(several('web'), withRollout({ minInterval: '1h' }));
    await change(simulation, 'color', 'green');
    await simulation.completeRollouts('web');
    await simulation.until(() => rolloutOf(simulation, 'web')?.phase === 'Complete', 60_000);
    await change(simulation, 'color', 'red');
    await simulation.clock.advance(10_000);
    const [writes, logged] = [simulation.cluster.changes().length, simulation.cluster.log.length];
    await simulation.clock.advance(280_000);
    expect(simulation.cluster.changes().slice(writes)).to.deep.equal([]);
    const lists = simulation.cluster.log.slice(logged);
    expect(lists.length).to.equal(0);
  });
});

describe('rollouts of one binding', () => {
  it('go one after the other, each when the one before it is complete', async () => {
    const simulation = await running(several('a', 'b', 'c'));
    await change(simulation, 'color', 'green');
    expect(generations(simulation, 'a', 'b', 'c')).to.deep.equal([2, 1, 1]);
    expect(rolloutOf(simulation, 'b')?.message).to.equal(
      'waits until other rollouts are complete: spec.rollout.maxConcurrent is 1 (now Deployment a)',
    );
    await simulation.clock.advance(300_000);
    expect(generations(simulation, 'a', 'b', 'c')).to.deep.equal([2, 1, 1]);
    await simulation.completeRollouts('a');
    await simulation.until(() => generationOf(simulation, 'b') === 2, 20_000);
    expect(generationOf(simulation, 'c')).to.equal(1);
    await simulation.completeRollouts('b');
    await simulation.until(() => generationOf(simulation, 'c') === 2, 20_000);
    await simulation.completeRollouts('c');
    await simulation.until(() => simulation.binding()?.status?.rollout === '3/3', 60_000);
    await simulation.clock.advance(900_000);
    expect(generations(simulation, 'a', 'b', 'c')).to.deep.equal([2, 2, 2]);
    const restarted = simulation.events.filter(({ reason }) => reason === 'Restarted');
    expect(restarted.map(({ note }) => note.match(/Deployment \w/)?.[0])).to.deep.equal([
      'Deployment a',
      'Deployment b',
      'Deployment c',
    ]);
  });

  it('go as many at a time as maxConcurrent says', async () => {
    const simulation = await running(several('a', 'b', 'c'), withRollout({ maxConcurrent: 2 }));
    await change(simulation, 'color', 'green');
    expect(generations(simulation, 'a', 'b', 'c')).to.deep.equal([2, 2, 1]);
    await simulation.completeRollouts('b');
    await simulation.until(() => generationOf(simulation, 'c') === 2, 20_000);
  });

  it('do not wait for a workload whose pods fail long after its rollout was complete', async () => {
    const simulation = await running(several('a', 'b'));
    await change(simulation, 'color', 'green');
    await simulation.completeRollouts('a');
    await simulation.until(() => rolloutOf(simulation, 'a')?.completedAt !== undefined, 30_000);
    await simulation.until(() => generationOf(simulation, 'b') === 2, 20_000);
    await simulation.completeRollouts('b');
    await simulation.until(() => simulation.binding()?.status?.rollout === '2/2', 60_000);
    const ref = { type: DEPLOYMENTS, namespace: NAMESPACE, name: 'b' };
    const status = { availableReplicas: 0 };
    await simulation.cluster.admin.mergePatch(ref, { status }, { subresource: 'status' });
    await simulation.until(() => rolloutOf(simulation, 'b')?.phase === 'Progressing', 600_000);
    await change(simulation, 'color', 'red');
    expect(generationOf(simulation, 'a')).to.equal(3);
  });

  it('do not wait for a paused workload', async () => {
    const simulation = await running(several('a', 'b'));
    const ref = { type: DEPLOYMENTS, namespace: NAMESPACE, name: 'a' };
    await simulation.cluster.admin.mergePatch(ref, { spec: { paused: true } });
    await simulation.completeRollouts('a');
    const generation = generationOf(simulation, 'a') ?? 0;
    await change(simulation, 'color', 'green');
    const status = {
      observedGeneration: generation + 1,
      replicas: 1,
      updatedReplicas: 0,
      availableReplicas: 1,
    };
    await simulation.cluster.admin.mergePatch(ref, { status }, { subresource: 'status' });
    await simulation.until(() => generationOf(simulation, 'b') === 2, 20_000);
  });
});

describe('a workload that does not become ready', () => {
  async function failing(...names: string[]): Promise<Simulation> {
    const simulation = await running(several(...names));
    await change(simulation, 'color', 'broken');
    await failRollout(simulation, 'a');
    await simulation.untilReason('RolloutsHalted', 'RolloutsComplete', 'orders', 60_000);
    return simulation;
  }

  it('stops further restarts, and the condition says why and how they go on', async () => {
    const simulation = await failing('a', 'b', 'c');
    const { message, status } = simulation.condition('RolloutsComplete') ?? {};
    expect(status).to.equal('False');
    expect(message).to.include('Deployment a did not become ready').and.include('appconfig.dev/refresh');
    await simulation.clock.advance(3_600_000);
    expect(generations(simulation, 'a', 'b', 'c')).to.deep.equal([2, 1, 1]);
    expect(simulation.condition('Ready')?.status).to.equal('True');
    const warnings = simulation.events.filter(({ type }) => type === 'Warning');
    expect(warnings.map(({ reason }) => reason)).to.deep.equal(['RolloutsHalted']);
  });

  it('lets the others go on when it recovers', async () => {
    const simulation = await failing('a', 'b');
    await recover(simulation, 'a');
    await simulation.until(() => generationOf(simulation, 'b') === 2, 60_000);
  });

  it('is itself restarted first when content changes again', async () => {
    const simulation = await failing('a', 'b');
    await simulation.clock.advance(60_000);
    await change(simulation, 'color', 'mended');
    expect(generations(simulation, 'a', 'b')).to.deep.equal([3, 1]);
    await recover(simulation, 'a');
    await simulation.until(() => generationOf(simulation, 'b') === 2, 60_000);
    await simulation.completeRollouts('b');
    await simulation.untilReason('Completed', 'RolloutsComplete');
  });

  it('is restarted before the others, although it must wait for its minimum interval', async () => {
    const simulation = await failing('a', 'b');
    await simulation.apply(withRollout({ maxConcurrent: 2 }));
    await change(simulation, 'color', 'mended');
    expect(rolloutOf(simulation, 'a')?.phase).to.equal('Pending');
    await simulation.until(() => generationOf(simulation, 'a') === 3, 60_000);
    expect(generationOf(simulation, 'b')).to.equal(1);
  });

  for (const maxConcurrent of [1, 2])
    it(`does not wait for another one of its kind when content changes again (maxConcurrent: ${maxConcurrent})`, async () => {
      const simulation = await running(several('a', 'b'), withRollout({ maxConcurrent: 2 }));
      await change(simulation, 'color', 'broken');
      for (const name of ['a', 'b']) await failRollout(simulation, name);
      await simulation.untilReason('RolloutFailed', 'RolloutsComplete', 'orders', 60_000);
      await simulation.apply(withRollout({ maxConcurrent }));
      await simulation.clock.advance(60_000);
      await change(simulation, 'color', 'mended');
      expect(generationOf(simulation, 'a')).to.equal(3);
      await recover(simulation, 'a');
      await simulation.until(() => generationOf(simulation, 'b') === 3, 20_000);
      await recover(simulation, 'b');
      await simulation.untilReason('Completed', 'RolloutsComplete');
    });

  it('does not stop restarts for a later change that does not concern it', async () => {
    const simulation = await running(async (it) => {
      await it.addDeployment('a', usesKey('color'));
      await it.addDeployment('b', usesKey('size'));
    });
    await change(simulation, 'color', 'broken');
    await failRollout(simulation, 'a');
    await simulation.untilReason('RolloutFailed', 'RolloutsComplete', 'orders', 60_000);
    await change(simulation, 'size', 'XL');
    expect(generations(simulation, 'a', 'b')).to.deep.equal([2, 2]);
  });

  it('is passed over, for good, when a refresh is asked for', async () => {
    const simulation = await failing('a', 'b', 'c');
    await simulation.apply(baseSpec, 'orders', { 'appconfig.dev/refresh': 'go on' });
    await simulation.until(() => generationOf(simulation, 'b') === 2, 20_000);
    await simulation.completeRollouts('b');
    await simulation.until(() => generationOf(simulation, 'c') === 2, 20_000);
    await simulation.completeRollouts('c');
    await simulation.untilReason('RolloutFailed', 'RolloutsComplete');
    expect(generationOf(simulation, 'a')).to.equal(2);
  });

  it('stops them for another operator that takes over, too', async () => {
    const simulation = await failing('a', 'b');
    simulation.client?.kill();
    simulation.start();
    await simulation.clock.advance(1_800_000);
    expect(generations(simulation, 'a', 'b')).to.deep.equal([2, 1]);
    await recover(simulation, 'a');
    await simulation.until(() => generationOf(simulation, 'b') === 2, 400_000);
  });
});

describe('a workload that several bindings use', () => {
  const second: BindingSpec = {
    ...baseSpec,
    target: { configMap: { name: 'second-config' }, secret: { name: 'second-secrets' } },
  };
  const both = container({
    envFrom: [{ configMapRef: { name: 'orders-config' } }, { configMapRef: { name: 'second-config' } }],
  });
  const shared = (spec = baseSpec, other = second) =>
    running(async (it) => {
      await it.apply(other, 'second');
      await it.addDeployment('web', both);
    }, spec);

  it('is restarted once for a change that both see', async () => {
    const simulation = await shared();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.until(() => (generationOf(simulation, 'web') ?? 0) > 1, 60_000);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(900_000);
    expect(generationOf(simulation, 'web')).to.equal(2);
    for (const name of ['orders', 'second'])
      expect(simulation.binding(name)?.status?.rollout, name).to.equal('1/1');
    expect(simulation.configMap('second-config')?.data?.['color']).to.equal('green');
  });

  it('is restarted once for what they saw apart within the interval', async () => {
    const simulation = await shared(baseSpec, { ...second, selectors: [{ key: 'size' }] });
    await simulation.apply({ ...baseSpec, selectors: [{ key: 'color' }] });
    await simulation.clock.advance(120_000);
    const before = generationOf(simulation, 'web') ?? 0;
    await change(simulation, 'color', 'green');
    await simulation.until(() => generationOf(simulation, 'web') === before + 1, 20_000);
    await simulation.completeRollouts('web');
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'red' });
    simulation.azure.set(ENDPOINT, { key: 'size', value: 'XL' });
    await simulation.clock.advance(120_000);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(900_000);
    expect(generationOf(simulation, 'web')).to.equal(before + 2);
  });
});

describe('the limits of the operator', () => {
  const teams = ['orders', 'mail', 'search'];
  const specOf = (name: string): BindingSpec => ({
    ...baseSpec,
    target: { configMap: { name: `${name}-config` }, secret: { name: `${name}-secrets` } },
  });

  for (const flag of ['--rollouts-per-namespace=1', '--rollouts-per-cluster=1']) {
    it(`hold for all bindings together, who have their turns one after the other (${flag})`, async () => {
      const simulation = await running(
        async (it) => {
          for (const team of teams) {
            await it.addDeployment(
              team,
              container({ envFrom: [{ configMapRef: { name: `${team}-config` } }] }),
            );
            if (team !== 'orders') await it.apply(specOf(team), team);
          }
        },
        baseSpec,
        [flag],
      );
      simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
      const moved = () => teams.filter((team) => generationOf(simulation, team) === 2);
      for (let n = 1; n <= teams.length; n += 1) {
        await simulation.until(() => moved().length === n, 60_000);
        await simulation.clock.advance(60_000);
        expect(moved().length).to.equal(n);
        const waiting = teams.find((team) => !moved().includes(team));
        if (waiting !== undefined)
          expect(rolloutOf(simulation, waiting, waiting)?.message).to.include(flag.slice(2, -2));
        for (const team of moved()) await simulation.completeRollouts(team);
      }
    });
  }

  it('count what an earlier leader restarted', async () => {
    const simulation = await running(
      async (it) => {
        await it.addDeployment('orders', all);
        await it.addDeployment('mail', container({ envFrom: [{ configMapRef: { name: 'mail-config' } }] }));
        await it.apply({ ...specOf('mail'), selectors: [{ key: 'size' }] }, 'mail');
      },
      { ...baseSpec, selectors: [{ key: 'color' }] },
      ['--rollouts-per-cluster=1'],
    );
    await change(simulation, 'color', 'green');
    expect(generations(simulation, 'orders', 'mail')).to.deep.equal([2, 1]);
    simulation.client?.kill();
    simulation.start(() => 'proceed', ['--rollouts-per-cluster=1']);
    simulation.azure.set(ENDPOINT, { key: 'size', value: 'XL' });
    await simulation.until(() => simulation.configMap('mail-config')?.data?.['size'] === 'XL');
    await simulation.clock.advance(60_000);
    expect(generations(simulation, 'orders', 'mail')).to.deep.equal([2, 1]);
    await simulation.completeRollouts('orders');
    await simulation.until(() => generationOf(simulation, 'mail') === 2, 60_000);
  });
});

describe('a dry run', () => {
  for (const [who, spec, flags] of [
    ['a binding', withRollout({ dryRun: true }), []],
    ['the operator', baseSpec, ['--rollouts-dry-run=true']],
  ] as const) {
    it(`of ${who} tells what would be restarted, once, and restarts nothing`, async () => {
      const simulation = await running(several('web'), spec, [...flags]);
      await change(simulation, 'color', 'green');
      await simulation.clock.advance(900_000);
      expect(generationOf(simulation, 'web')).to.equal(1);
      const condition = simulation.condition('RolloutsComplete');
      expect([condition?.status, condition?.reason]).to.deep.equal(['True', 'RestartsDryRun']);
      expect(condition?.message).to.include('Deployment web');
      expect(rolloutOf(simulation, 'web')?.phase).to.equal('DryRun');
      const told = simulation.events.filter(({ reason }) => reason === 'RestartsDryRun');
      expect(told.map(({ note }) => note)).to.deep.equal([
        'would restart Deployment web, but this is a dry run',
      ]);
      expect(simulation.events.filter(({ reason }) => reason === 'Restarted')).to.deep.equal([]);
    });
  }

  it('tells once of each workload, also of those that the status has no room for', async () => {
    const names = Array.from({ length: 24 }, (_, n) => `web-${n}`);
    const simulation = await running(several(...names), withRollout({ dryRun: true }));
    await change(simulation, 'color', 'green');
    await simulation.clock.advance(1_800_000);
    expect(simulation.binding()?.status?.rolloutsTotal).to.equal(24);
    const told = simulation.events.filter(
      ({ reason, type }) => reason === 'RestartsDryRun' && type === 'Normal',
    );
    expect(told.length).to.equal(1);
  });

  it('that ends is followed by the restart that it told of', async () => {
    const simulation = await running(several('web'), withRollout({ dryRun: true }));
    await change(simulation, 'color', 'green');
    await simulation.clock.advance(60_000);
    await simulation.apply(baseSpec);
    await simulation.until(() => generationOf(simulation, 'web') === 2, 60_000);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(900_000);
    expect(generationOf(simulation, 'web')).to.equal(2);
  });
});
