import { expect } from 'chai';
import type { SeenObject } from '../../support/real/objects.ts';
import { useOperator } from '../../support/real/running.ts';
import {
  KINDS,
  type Kind,
  markerOf,
  reader,
  readsKey,
  restartComplete,
  type SeenWorkload,
  seen,
  withWorkloads,
} from '../../support/real/workloads.ts';

describe('a workload that reads targets only at its start', function () {
  this.timeout(180_000);
  const running = useOperator({ flags: ['--drift-interval=3s'] });

  it('is restarted exactly once for a change, whatever its kind, and the rollout is told', async () => {
    const kinds = Object.keys(KINDS) as Kind[];
    const workloads = kinds.map((kind) => reader(kind, kind.toLowerCase()));
    const team = await withWorkloads(await running().team(), workloads, { maxConcurrent: 3 });
    const before = await Promise.all(kinds.map((kind) => seen(team, kind, kind.toLowerCase())));
    expect(before.map(markerOf)).to.deep.equal([undefined, undefined, undefined]);

    await team.set('color', 'green');
    await team.until('all to be rolled out', async () => {
      const workloadsNow = await Promise.all(kinds.map((kind) => seen(team, kind, kind.toLowerCase())));
      const { rollout, conditions } = await team.status();
      const complete = conditions?.find(({ type }) => type === 'RolloutsComplete');
      return workloadsNow.every(markerOf) && rollout === '3/3' && complete?.status === 'True';
    });
    for (const kind of kinds)
      await team.kubectl(['rollout', 'status', kind, kind.toLowerCase(), '--timeout=60s']);

    // Two drift intervals, in which workloads are listed again, and a refresh must change nothing more.
    await team.refresh('again');
    await team.until('the echo', async () => (await team.status()).lastHandledRefresh === 'again');
    const listed = () => running().operator.metric('reconcile_total{outcome="requeueAfter"}');
    const passes = await listed();
    await team.until('more passes', async () => (await listed()) >= passes + 3);
    const after = await Promise.all(kinds.map((kind) => seen(team, kind, kind.toLowerCase())));
    const generations = (list: readonly SeenWorkload[]) =>
      list.map(({ metadata }) => metadata.generation ?? 0);
    expect(generations(after)).to.deep.equal(generations(before).map((generation) => generation + 1));
    const replicaSets = await team.objects.list<SeenObject>('replicasets', team.namespace);
    expect(replicaSets).to.have.length(2);
    await team.untilEvent('Restarted');
    const restarted = (await team.events()).filter(({ reason }) => reason === 'Restarted');
    expect(restarted.map(({ series }) => series?.count ?? 1)).to.deep.equal([1]);
    for (const kind of kinds) expect(restarted[0]?.note).to.contain(`${kind} ${kind.toLowerCase()}`);
  });

  it('is not restarted for a key that it does not use', async () => {
    const team = await withWorkloads(await running().team(), [readsKey('picky', 'color')]);
    const before = await seen(team, 'Deployment', 'picky');
    await team.set('size', 'small');
    await team.until('the new size', async () => (await team.configMap())?.data?.['size'] === 'small');
    await team.refresh('then');
    await team.until('the echo', async () => (await team.status()).lastHandledRefresh === 'then');
    expect((await seen(team, 'Deployment', 'picky')).metadata.generation).to.equal(
      before.metadata.generation,
    );
    await team.set('color', 'green');
    await team.until(
      'the restart',
      async () => markerOf(await seen(team, 'Deployment', 'picky')) !== undefined,
    );
  });

  it('is restarted for a rotated secret', async () => {
    const team = await withWorkloads(await running().team(), [reader('Deployment', 'web')]);
    await team.setSecret('db', 'rotated');
    await team.refresh('rotated');
    await team.until(
      'the restart',
      async () => markerOf(await seen(team, 'Deployment', 'web')) !== undefined,
    );
    expect(await team.secretData()).to.deep.equal({ password: 'rotated' });
  });

  it('is left alone when it, or its binding, says so', async () => {
    const optedOut = reader('Deployment', 'quiet', { annotations: { 'appconfig.dev/restart': 'false' } });
    const team = await running().team();
    await team.kubectl(['apply', '-f', '-'], optedOut);
    await withWorkloads(team, [reader('Deployment', 'web')]);
    await team.set('color', 'green');
    await restartComplete(team, 'web');
    expect(markerOf(await seen(team, 'Deployment', 'quiet'))).to.equal(undefined);
    expect((await team.status()).rollout).to.equal('1/1');
    const complete = await team.condition('RolloutsComplete');
    expect(complete).to.include({ status: 'True' });
    expect(complete?.message).to.include('Deployment quiet');
    const { generation } = (await seen(team, 'Deployment', 'web')).metadata;
    await team.edit({ rollout: { restart: 'Never' } });
    await team.untilReady();
    await team.set('color', 'yellow');
    await team.until('the new color', async () => (await team.configMap())?.data?.['color'] === 'yellow');
    await team.refresh('never');
    await team.until('the echo', async () => (await team.status()).lastHandledRefresh === 'never');
    expect((await seen(team, 'Deployment', 'web')).metadata.generation).to.equal(generation);
  });

  it('is told as failed when its new pods never become ready, and the binding stays Ready', async () => {
    const team = await withWorkloads(await running().team(), [reader('Deployment', 'fragile')]);
    // The annotation that makes pods fail is put on the template; the restart then brings such pods.
    const template = { metadata: { annotations: { 'dev.appconfig.dev/behaviour': 'never-ready' } } };
    const spec = { template, progressDeadlineSeconds: 2 };
    await team.objects.patch('deployments', team.namespace, 'fragile', { spec });
    await team.set('color', 'broken');
    const failed = await team.untilCondition('RolloutsComplete', 'False', 'RolloutFailed');
    expect(failed.message).to.include('Deployment fragile');
    expect((await team.condition('Ready'))?.status).to.equal('True');
    await team.untilEvent('RolloutFailed');
    const warnings = (await team.events()).filter(({ type }) => type === 'Warning');
    expect(warnings.map(({ reason }) => reason)).to.deep.equal(['RolloutFailed']);
  });
});

describe('a workload that the operator has no right to patch', function () {
  this.timeout(180_000);
  const running = useOperator({ flags: ['--drift-interval=2s'], values: ['rollouts.enabled=false'] });

  it('is named with what to do, once, while the binding stays Ready', async () => {
    const team = await withWorkloads(await running().team(), [reader('Deployment', 'web')]);
    await team.set('color', 'green');
    const denied = await team.untilCondition('RolloutsComplete', 'False', 'RestartDenied');
    expect(denied.message).to.include('Deployment/web').and.include('rollouts.enabled');
    const attempts = () => running().operator.metric('restarts_total{kind="Deployment",outcome="failed"}');
    const before = await attempts();
    await team.until('two more attempts', async () => (await attempts()) >= before + 2);
    expect(await team.condition('Ready')).to.include({ status: 'True', reason: 'Synced' });
    await team.untilEvent('RestartDenied');
    const warnings = (await team.events()).filter(({ type }) => type === 'Warning');
    expect(warnings.map(({ reason, series }) => `${reason} x${series?.count ?? 1}`)).to.deep.equal([
      'RestartDenied x1',
    ]);
  });
});
