import { expect } from 'chai';
import type { SeenObject } from '../../support/real/objects.ts';
import { useOperator } from '../../support/real/running.ts';
import type { Team } from '../../support/real/team.ts';
import {
  generationOf,
  type Kind,
  MARKER,
  markerOf,
  reader,
  readsKey,
  refreshed,
  revisions,
  seen,
  withWorkloads,
} from '../../support/real/workloads.ts';

const isRestarted = async (team: Team, kind: Kind, name: string) =>
  markerOf(await seen(team, kind, name)) !== undefined;
const pod = async (team: Team, name: string) => {
  const found = await team.objects.get<SeenObject>('pods', team.namespace, name);
  return found?.metadata;
};

describe('a restart that a workload or its binding holds back', function () {
  this.timeout(180_000);
  const running = useOperator({ flags: ['--drift-interval=3s'] });
  const rollout = { minInterval: '0s' };

  it('is told for a StatefulSet with OnDelete, whose pods and neighbours are left to go on', async () => {
    const held = reader('StatefulSet', 'a', { updateStrategy: 'OnDelete' });
    const team = await withWorkloads(await running().team(), [held, reader('StatefulSet', 'b')], rollout);
    const before = await generationOf(team, 'a', 'StatefulSet');
    const { uid } = (await pod(team, 'a-0')) ?? {};
    await team.set('color', 'green');
    const told = await team.untilCondition('RolloutsComplete', 'False', 'RolloutPaused');
    expect(told.message).to.include('StatefulSet a').and.include('delete the old pods');
    await team.until('the restart of the other', () => isRestarted(team, 'StatefulSet', 'b'));
    await team.until('the other to be complete', async () => (await team.status()).rollout === '1/2');
    await refreshed(team, 'later');
    expect((await pod(team, 'a-0'))?.uid)
      .to.equal(uid)
      .and.not.equal(undefined);
    expect((await team.condition('Ready'))?.status).to.equal('True');

    await team.kubectl(['delete', 'pod', 'a-0']);
    await team.untilCondition('RolloutsComplete', 'True', 'Completed');
    const marker = markerOf(await seen(team, 'StatefulSet', 'a'));
    expect((await pod(team, 'a-0'))?.annotations?.[MARKER])
      .to.equal(marker)
      .and.not.equal(undefined);
    expect(await generationOf(team, 'a', 'StatefulSet')).to.equal(before + 1);
  });

  it('is told for a paused Deployment, holds no others back, and is over when that is resumed', async () => {
    const workloads = [reader('Deployment', 'a'), reader('Deployment', 'b')];
    const team = await withWorkloads(await running().team(), workloads, rollout);
    await team.kubectl(['rollout', 'pause', 'deployment/a']);
    const paused = await generationOf(team, 'a');
    await team.set('color', 'green');
    const told = await team.untilCondition('RolloutsComplete', 'False', 'RolloutPaused');
    expect(told.message).to.include('Deployment a').and.include('kubectl rollout resume');
    await team.until('the restart of the other', () => isRestarted(team, 'Deployment', 'b'));
    await team.until('the other to be complete', async () => (await team.status()).rollout === '1/2');
    await refreshed(team, 'later');
    expect(await generationOf(team, 'a')).to.equal(paused + 1);
    expect(await revisions(team, 'a')).to.equal(1);

    await team.kubectl(['rollout', 'resume', 'deployment/a']);
    await team.untilCondition('RolloutsComplete', 'True', 'Completed');
    await refreshed(team, 'after all');
    expect(await generationOf(team, 'a')).to.equal(paused + 2);
    expect(await revisions(team, 'a')).to.equal(2);
  });

  it('is told once in a dry run of its binding, not of others, and made when that ends', async () => {
    const dry = await withWorkloads(await running().team(), [reader('Deployment', 'web')], {
      ...rollout,
      dryRun: true,
    });
    const other = await withWorkloads(await running().team(), [reader('Deployment', 'web')], rollout);
    const before = await generationOf(dry, 'web');
    for (const team of [dry, other]) await team.set('color', 'green');
    await other.until('the restart of the other', () => isRestarted(other, 'Deployment', 'web'));
    const told = await dry.untilCondition('RolloutsComplete', 'True', 'RestartsDryRun');
    expect(told.message).to.include('Deployment web').and.include('spec.rollout.dryRun');
    const event = await dry.untilEvent('RestartsDryRun');
    expect(event).to.include({ type: 'Normal', note: 'would restart Deployment web, but this is a dry run' });
    await dry.set('color', 'red');
    await refreshed(dry, 'red');
    expect(await generationOf(dry, 'web')).to.equal(before);
    const events = (await dry.events()).filter(({ reason }) => reason === 'RestartsDryRun');
    expect(events.map(({ series }) => series?.count ?? 1)).to.deep.equal([1]);

    await dry.edit({ rollout: { dryRun: false } });
    await dry.until('the restart', () => isRestarted(dry, 'Deployment', 'web'));
    await dry.untilCondition('RolloutsComplete', 'True', 'Completed');
    expect(await generationOf(dry, 'web')).to.equal(before + 1);
  });

  it('is told while a reference has no value yet, and made once when the secret is there', async () => {
    const workloads = [reader('Deployment', 'web'), readsKey('picky', 'size')];
    const team = await withWorkloads(await running().team(), workloads, rollout);
    const generations = () => Promise.all([generationOf(team, 'web'), generationOf(team, 'picky')] as const);
    const [web, picky] = await generations();
    await team.setReference('token', 'later');
    await team.untilCondition('SecretsResolved', 'False', 'SecretNotFound');
    await team.set('color', 'green');
    await team.until('the restart to wait', async () => {
      const found = (await team.status()).rollouts?.find(({ name }) => name === 'web');
      return found?.phase === 'Pending' && found.message === 'waits until every reference has a value';
    });
    expect((await team.status()).rollout).to.equal('1/2');
    const told = await team.condition('RolloutsComplete');
    expect(told).to.include({ status: 'False', reason: 'RolloutsProgressing' });
    expect(told?.message).to.include('Deployment web').and.include('until every reference has a value');
    expect((await team.configMap())?.data).to.include({ color: 'green' });
    await refreshed(team, 'while it waits');
    expect(await generations()).to.deep.equal([web, picky]);

    await team.setSecret('later', 'v4lue');
    await team.refresh('now');
    await team.until('the restart', () => isRestarted(team, 'Deployment', 'web'));
    await team.untilCondition('RolloutsComplete', 'True', 'Completed');
    expect(await team.secretData()).to.deep.equal({ password: 's3cret', token: 'v4lue' });
    await refreshed(team, 'after all');
    expect(await generations()).to.deep.equal([web + 1, picky]);
    expect(await revisions(team, 'web')).to.equal(2);
  });
});
