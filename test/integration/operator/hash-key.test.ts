import { expect } from 'chai';
import { Objects } from '../../support/real/objects.ts';
import { useOperator } from '../../support/real/running.ts';
import type { Team } from '../../support/real/team.ts';
import {
  generationOf,
  markerOf,
  reader,
  readsKey,
  refreshed,
  seen,
  withWorkloads,
} from '../../support/real/workloads.ts';

const KEY = 'appconfig-operator-key';

describe('a new hash key of the operator', function () {
  this.timeout(180_000);
  const running = useOperator({ flags: ['--drift-interval=3s'] });

  /** The key ids of what is recorded of the workloads. */
  const keyIds = async (team: Team) =>
    Object.values((await team.status()).restarts ?? {}).map(({ keyId }) => keyId);

  it('restarts no workload, restarted before or not, and the next change restarts once', async () => {
    const names = ['web', 'picky'];
    const workloads = [reader('Deployment', 'web'), readsKey('picky', 'size')];
    const team = await withWorkloads(await running().team(), workloads, { minInterval: '0s' });
    await team.set('color', 'green');
    await team.until(
      'the restart',
      async () => markerOf(await seen(team, 'Deployment', 'web')) !== undefined,
    );
    await team.until('its end to be told', async () => {
      const { rollouts = [] } = await team.status();
      return rollouts.some(({ name, completedAt }) => name === 'web' && completedAt !== undefined);
    });
    const [oldKey = ''] = await keyIds(team);
    const generations = () => Promise.all(names.map((name) => generationOf(team, name)));
    const [web = 0, picky = 0] = await generations();

    const { restart, place, world } = running();
    await restart(() => new Objects(world.cluster.api).delete('secrets', place.namespace, KEY));
    await team.until('all to be recorded under the new key', async () => {
      const ids = await keyIds(team);
      return ids.length === names.length && !ids.includes(oldKey);
    });
    await refreshed(team, 'under-the-new-key');
    expect(await generations()).to.deep.equal([web, picky]);
    expect(await running().operator.metric('restarts_total{kind="Deployment",outcome="restarted"}')).to.equal(
      0,
    );

    await team.set('color', 'red');
    await refreshed(team, 'red');
    expect(await generations()).to.deep.equal([web + 1, picky]);
  });
});
