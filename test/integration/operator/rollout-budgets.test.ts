import { expect } from 'chai';
import { HELD, letReady } from '../../support/real/held-pods.ts';
import { useOperator } from '../../support/real/running.ts';
import { BINDING, type Team } from '../../support/real/team.ts';
import { generationOf, mounts, reader, readsKey, withWorkloads } from '../../support/real/workloads.ts';

/** A team whose Deployment `web` reads `color`, and needs help to become ready. */
async function teamWithHeld(team: Team): Promise<Team> {
  const web = readsKey('web', 'color', HELD);
  await team.kubectl(['apply', '-f', '-'], web);
  await letReady(team, 'web');
  return withWorkloads(team, [web], { minInterval: '0s' });
}

const restarted = async (team: Team, name: string, before: number): Promise<void> => {
  await team.until(`the restart of ${name}`, async () => (await generationOf(team, name)) === before + 1);
};
const toWait = (team: Team, limit: string, binding = BINDING) =>
  team.until(`${binding} of ${team.namespace} to wait`, async () => {
    const [rollout] = (await team.status(binding)).rollouts ?? [];
    return rollout?.phase === 'Pending' && rollout.message?.includes(`(${limit})`);
  });
const complete = (team: Team, binding = BINDING) =>
  team.until(`${binding} of ${team.namespace} to be complete`, async () => {
    const { rollout, rollouts } = await team.status(binding);
    return rollout === '1/1' && rollouts?.[0]?.completedAt !== undefined;
  });

describe('the limits of an operator for restarts on a real API server', function () {
  this.timeout(180_000);
  const running = useOperator({
    flags: ['--drift-interval=3s', '--rollouts-per-namespace=1', '--rollouts-per-cluster=2'],
  });

  it('let one workload of a namespace roll out at a time, whichever binding asks, and other namespaces go on', async () => {
    const team = await running().team();
    const second = { configMap: { name: 'second-config' } };
    await team.kubectl(['apply', '-f', '-'], mounts('next', second, { subPath: 'size' }));
    await teamWithHeld(team);
    const rollout = { minInterval: '0s' };
    await team.apply(team.spec({ target: second, selectors: [{ key: 'size' }], rollout }), 'second');
    await team.until('both to be known', async () => (await team.status('second')).rollout === '1/1');
    const other = await withWorkloads(await running().team(), [reader('Deployment', 'web')], rollout);
    const [web, next, elsewhere] = [
      await generationOf(team, 'web'),
      await generationOf(team, 'next'),
      await generationOf(other, 'web'),
    ];
    await team.set('color', 'green');
    await restarted(team, 'web', web);
    await team.set('size', 'small');
    await toWait(team, 'rollouts-per-namespace', 'second');
    await other.set('color', 'green');
    await restarted(other, 'web', elsewhere);
    await complete(other);
    expect(await generationOf(team, 'next')).to.equal(next);
    await letReady(team, 'web');
    await restarted(team, 'next', next);
    await complete(team, 'second');
    await complete(team);
  });

  it('let no more of all namespaces roll out than they say, and call the one that waits when one is complete', async () => {
    const teams = [
      await teamWithHeld(await running().team()),
      await teamWithHeld(await running().team()),
      await teamWithHeld(await running().team()),
    ] as const;
    const [first, second, third] = teams;
    const before = await generationOf(third, 'web');
    for (const team of [first, second]) {
      const generation = await generationOf(team, 'web');
      await team.set('color', 'green');
      await restarted(team, 'web', generation);
    }
    await third.set('color', 'green');
    await toWait(third, 'rollouts-per-cluster');
    expect(await generationOf(third, 'web')).to.equal(before);
    await letReady(second, 'web');
    await restarted(third, 'web', before);
    await first.until(
      'the first to be told as under way',
      async () => (await first.status()).rollout === '0/1',
    );
    for (const team of [first, third]) await letReady(team, 'web');
    for (const team of teams) await complete(team);
  });
});
