import { expect } from 'chai';
import { useOperator } from '../../support/real/running.ts';
import type { Team } from '../../support/real/team.ts';
import {
  generationOf,
  KINDS,
  type Kind,
  reader,
  refreshed,
  withWorkloads,
} from '../../support/real/workloads.ts';

describe('a binding whose spec.rollout.restart is Never', function () {
  this.timeout(180_000);
  const running = useOperator({ flags: ['--drift-interval=2s'] });
  const kinds = Object.keys(KINDS) as Kind[];

  const generations = (team: Team) =>
    Promise.all(kinds.map((kind) => generationOf(team, kind.toLowerCase(), kind)));
  /** The workloads were listed some more times. */
  const looked = async () => {
    const passes = () => running().operator.metric('reconcile_total{outcome="requeueAfter"}');
    const before = await passes();
    return async () => (await passes()) >= before + 3;
  };

  it('restarts no workload for changed settings, rotated or new secrets, or a restart of the operator', async () => {
    const workloads = kinds.map((kind) => reader(kind, kind.toLowerCase()));
    const team = await running().team();
    await withWorkloads(team, workloads, { restart: 'Never', minInterval: '0s' });
    const before = await generations(team);
    await team.set('color', 'green');
    await refreshed(team, 'green');
    expect((await team.configMap())?.data).to.include({ color: 'green' });
    await team.setSecret('db', 'rotated');
    await refreshed(team, 'rotated');
    await team.setSecret('api', 'k3y');
    await team.setReference('token', 'api');
    await refreshed(team, 'new');
    expect(await team.secretData()).to.deep.equal({ password: 'rotated', token: 'k3y' });
    await team.until('more passes', await looked());
    expect(await generations(team)).to.deep.equal(before);

    await running().restart(async () => {
      await team.set('color', 'red');
      await team.setSecret('db', 'meanwhile');
    });
    await refreshed(team, 'started again');
    expect((await team.configMap())?.data).to.include({ color: 'red' });
    expect(await team.secretData()).to.include({ password: 'meanwhile' });
    await team.until('more passes', await looked());
    expect(await generations(team)).to.deep.equal(before);
    expect(await team.condition('RolloutsComplete')).to.include({
      status: 'True',
      reason: 'RolloutsDisabled',
      message: 'spec.rollout.restart is Never: 3 of 3 workloads see a change when they next restart',
    });
    const told = (await team.events()).map(({ reason }) => reason);
    expect(told).to.include('TargetUpdated').and.not.include('Restarted');
  });
});
