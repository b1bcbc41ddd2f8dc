import { expect } from 'chai';
import type { RolloutStatus } from '../../../src/api/schema.ts';
import { useOperator } from '../../support/real/running.ts';
import type { Team } from '../../support/real/team.ts';
import { BEHAVIOUR, type Kind, markerOf, reader, seen, withWorkloads } from '../../support/real/workloads.ts';

const generation = async (team: Team, name: string, kind: Kind = 'Deployment') =>
  (await seen(team, kind, name)).metadata.generation;
const restarted = async (team: Team, name: string) =>
  markerOf(await seen(team, 'Deployment', name)) !== undefined;
const rolloutOf = async (team: Team, name: string): Promise<RolloutStatus | undefined> =>
  (await team.status()).rollouts?.find((rollout) => rollout.name === name);
const behaves = (team: Team, name: string, behaviour: string, spec: object = {}) =>
  team.objects.patch('deployments', team.namespace, name, {
    spec: { ...spec, template: { metadata: { annotations: { [BEHAVIOUR]: behaviour } } } },
  });
const settled = (team: Team, name: string) =>
  team.kubectl(['rollout', 'status', 'deployment', name, '--timeout=60s']);

describe('restarts of a binding on a real API server', function () {
  this.timeout(180_000);
  const running = useOperator({ flags: ['--drift-interval=5s'] });

  it('go one after the other, each when the one before it is complete', async () => {
    const team = await withWorkloads(await running().team(), [
      reader('Deployment', 'a'),
      reader('Deployment', 'b'),
    ]);
    // Its new pods need three seconds to become ready.
    await behaves(team, 'a', 'slow:3000');
    await settled(team, 'a');
    await team.set('color', 'green');
    await team.until('the first restart', () => restarted(team, 'a'));
    const waiting = await team.until('the second to wait', async () => {
      const rollout = await rolloutOf(team, 'b');
      return rollout?.phase === 'Pending' && rollout;
    });
    expect(waiting.message).to.include('spec.rollout.maxConcurrent');
    expect(await restarted(team, 'b')).to.equal(false);
    await team.until('the second restart', () => restarted(team, 'b'));
    // The status that tells of both is written after the restart.
    const { restartedAt = '', completedAt = '' } = await team.until('the first to be complete', async () => {
      const rollout = await rolloutOf(team, 'a');
      return rollout?.completedAt !== undefined && rollout;
    });
    expect(Date.parse(completedAt)).to.be.at.least(Date.parse(restartedAt) + 2_000);
    await team.untilCondition('RolloutsComplete', 'True', 'Completed', 60_000);
  });

  it('are one for all changes within the minimum interval', async () => {
    // Longer than all that is to be seen while it lasts; what it holds back is let go by a shorter one.
    const team = await withWorkloads(await running().team(), [reader('Deployment', 'web')], {
      minInterval: '1h',
    });
    const before = (await generation(team, 'web')) ?? 0;
    await team.set('color', 'green');
    await team.until('the restart', () => restarted(team, 'web'));
    for (const color of ['red', 'white']) {
      await team.set('color', color);
      await team.refresh(color);
      await team.until(`the color ${color}`, async () => (await team.configMap())?.data?.['color'] === color);
    }
    await team.until(
      'the last restart to wait',
      async () => (await rolloutOf(team, 'web'))?.phase === 'Pending',
    );
    expect(await generation(team, 'web')).to.equal(before + 1);
    await team.edit({ rollout: { minInterval: '20s' } });
    await team.until('one more restart', async () => (await generation(team, 'web')) === before + 2, 60_000);
    await team.untilCondition('RolloutsComplete', 'True', 'Completed', 60_000);
    expect(await generation(team, 'web')).to.equal(before + 2);
  });

  it('stop after one that does not become ready, and go on when content is mended', async () => {
    const workloads = [reader('Deployment', 'a'), reader('Deployment', 'b')];
    const team = await withWorkloads(await running().team(), workloads, { minInterval: '1s' });
    await behaves(team, 'a', 'never-ready', { progressDeadlineSeconds: 2 });
    await team.set('color', 'broken');
    const halted = await team.untilCondition('RolloutsComplete', 'False', 'RolloutsHalted', 60_000);
    expect(halted.message).to.include('Deployment a').and.include('appconfig.dev/refresh');
    expect(await restarted(team, 'b')).to.equal(false);
    expect((await team.condition('Ready'))?.status).to.equal('True');
    await team.untilEvent('RolloutsHalted');
    // Its pods may take their time now, as on a loaded machine.
    await behaves(team, 'a', 'ready', { progressDeadlineSeconds: 600 });
    await team.set('color', 'mended');
    await team.until('the restart of the other', () => restarted(team, 'b'), 60_000);
    await team.untilCondition('RolloutsComplete', 'True', 'Completed', 60_000);
  });

  it('concern selected workloads only', async () => {
    const team = await withWorkloads(await running().team(), [reader('Deployment', 'web')], {
      restart: 'Selected',
      workloads: [{ kind: 'Deployment', name: 'web' }],
    });
    await team.kubectl(['apply', '-f', '-'], reader('Deployment', 'other'));
    await settled(team, 'other');
    await team.set('color', 'green');
    await team.until('the restart', () => restarted(team, 'web'));
    await team.untilCondition('RolloutsComplete', 'True', 'Completed', 60_000);
    expect(await restarted(team, 'other')).to.equal(false);
  });

  it('of one workload that two bindings use are one for a change that both see', async () => {
    const team = await running().team();
    const target = { configMap: { name: 'second-config' } };
    await team.apply(team.spec({ target, selectors: [{ key: 'color' }] }), 'second');
    const both = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'both' },
      spec: {
        selector: { matchLabels: { app: 'both' } },
        template: {
          metadata: { labels: { app: 'both' } },
          spec: {
            containers: [
              {
                name: 'app',
                image: 'example.test/app',
                envFrom: ['orders-config', 'second-config'].map((name) => ({ configMapRef: { name } })),
              },
            ],
          },
        },
      },
    };
    await withWorkloads(team, [both]);
    await team.until(
      'the other binding to know it',
      async () => (await team.status('second')).rollout === '1/1',
    );
    const before = (await generation(team, 'both')) ?? 0;
    await team.set('color', 'green');
    // Both see it now: one that polls later than the others wait for it would have a restart of its own.
    for (const name of ['orders', 'second']) await team.refresh('green', name);
    await team.until('the restart', async () => (await generation(team, 'both')) === before + 1, 60_000);
    for (const name of ['orders', 'second'])
      await team.until(
        `${name} to be complete`,
        async () => {
          const { rollout, rollouts } = await team.status(name);
          return rollout === '1/1' && rollouts?.[0]?.completedAt !== undefined;
        },
        60_000,
      );
    expect(await generation(team, 'both')).to.equal(before + 1);
    const { annotations = {} } = (await seen(team, 'Deployment', 'both')).spec.template.metadata ?? {};
    expect(Object.keys(annotations)).to.include.members([
      'rollout.appconfig.dev/orders',
      'rollout.appconfig.dev/second',
    ]);
  });
});

describe('a dry run of the whole operator', function () {
  this.timeout(180_000);
  const running = useOperator({
    flags: ['--drift-interval=3s', '--rollouts-dry-run=true'],
    values: ['rollouts.dryRun=true'],
  });

  it('tells what would be restarted, and has no right to do it', async () => {
    const team = await withWorkloads(await running().team(), [reader('Deployment', 'web')]);
    await team.set('color', 'green');
    const told = await team.untilCondition('RolloutsComplete', 'True', 'RestartsDryRun');
    expect(told.message).to.include('Deployment web').and.include('rollouts-dry-run');
    const event = await team.untilEvent('RestartsDryRun');
    expect(event).to.include({ type: 'Normal', note: 'would restart Deployment web, but this is a dry run' });
    expect(await restarted(team, 'web')).to.equal(false);
  });
});
