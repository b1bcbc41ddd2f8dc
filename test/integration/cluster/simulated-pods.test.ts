import { expect } from 'chai';
import { type Cluster, startCluster } from '../../../dev/cluster/cluster.ts';
import { startPodRunner } from '../../../dev/cluster/pod-runner.ts';
import { until } from '../../../dev/cluster/wait.ts';
import { pod, workload } from './manifests.ts';
import { isReady, podsOf, podWhere, readySince, restarts, startOf, waitingReason } from './pods.ts';

describe('simulated pods', () => {
  let cluster: Cluster;

  before(async function () {
    this.timeout(1_200_000);
    cluster = await startCluster();
    await startPodRunner(cluster, {
      onPod: ({ metadata }) => (metadata.labels?.app === 'chosen' ? { kind: 'never-ready' } : undefined),
    });
  });

  after(() => cluster?.stop());

  const behaving = (behaviour: string) => ({ annotations: { 'dev.appconfig.dev/behaviour': behaviour } });

  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'] as const) {
    it(`let a ${kind} roll out, and roll out again when its template changes`, async () => {
      const name = `rolls-${kind.toLowerCase()}`;
      await cluster.applyYaml(workload(kind, name));
      await cluster.kubectlOrThrow(['rollout', 'status', kind, name, '--timeout=60s']);
      const [before] = await until(
        async () => {
          const pods = await podsOf(cluster, name);
          return pods.length === 1 && pods;
        },
        { what: 'one pod' },
      );
      await cluster.kubectlOrThrow(['rollout', 'restart', kind, name]);
      await cluster.kubectlOrThrow(['rollout', 'status', kind, name, '--timeout=60s']);
      const after = await podWhere(
        cluster,
        name,
        'a new one',
        ({ metadata }) => metadata.uid !== before?.metadata.uid,
      );
      expect(isReady(after)).to.equal(true);
    });
  }

  it('stay unready when they never become ready, so a rollout does not complete', async () => {
    await cluster.applyYaml(workload('Deployment', 'stuck', behaving('never-ready')));
    const stuck = await podWhere(cluster, 'stuck', 'running', ({ status }) => status.phase === 'Running');
    expect(isReady(stuck)).to.equal(false);
    const { exitCode } = await cluster.kubectl(['rollout', 'status', 'deployment/stuck', '--timeout=1s']);
    expect(exitCode).to.equal(1);
  });

  it('become ready late when they are slow', async () => {
    await cluster.applyYaml(pod('late', behaving('slow:2500')));
    const late = await podWhere(cluster, 'late', 'ready', isReady);
    // By its own times: whoever looks late never sees it unready.
    expect(readySince(late) - startOf(late)).to.be.at.least(2_000);
  });

  it('crash again and again', async () => {
    await cluster.applyYaml(pod('crashing', behaving('crash')));
    const crashed = await podWhere(cluster, 'crashing', 'restarted twice', (one) => restarts(one) >= 2);
    expect(waitingReason(crashed)).to.equal('CrashLoopBackOff');
    expect(isReady(crashed)).to.equal(false);
  });

  it('change their behaviour with their annotation', async () => {
    await cluster.applyYaml(pod('changing', behaving('crash')));
    await podWhere(cluster, 'changing', 'crashing', (one) => waitingReason(one) === 'CrashLoopBackOff');
    await cluster.kubectlOrThrow([
      'annotate',
      'pod',
      'changing',
      '--overwrite',
      'dev.appconfig.dev/behaviour=ready',
    ]);
    await podWhere(cluster, 'changing', 'ready', isReady);
  });

  it('say so when their annotation makes no sense', async () => {
    await cluster.applyYaml(pod('mistaken', behaving('happy')));
    const mistaken = await podWhere(
      cluster,
      'mistaken',
      'waiting',
      (one) => waitingReason(one) !== undefined,
    );
    expect(mistaken.status.containerStatuses?.[0]?.state.waiting?.message).to.include('"happy"');
    expect(mistaken.status.phase).to.equal('Pending');
  });

  it('behave as the test decides in code', async () => {
    await cluster.applyYaml(pod('chosen'));
    const chosen = await podWhere(cluster, 'chosen', 'running', ({ status }) => status.phase === 'Running');
    expect(isReady(chosen)).to.equal(false);
  });

  it('complete a Job', async () => {
    await cluster.kubectlOrThrow(['create', 'job', 'once', '--image=example.test/job']);
    await cluster.kubectlOrThrow(['wait', '--for=condition=complete', 'job/once', '--timeout=60s']);
  });

  it('disappear when they are deleted', async () => {
    await cluster.applyYaml(pod('leaving'));
    await podWhere(cluster, 'leaving', 'ready', isReady);
    await cluster.kubectlOrThrow(['delete', 'pod', 'leaving', '--timeout=60s']);
    expect(await podsOf(cluster, 'leaving')).to.have.length(0);
  });

  it('are still played after the API server was killed and came back', async () => {
    await cluster.restartApiServer();
    await cluster.applyYaml(workload('Deployment', 'afterwards'));
    await cluster.kubectlOrThrow(['rollout', 'status', 'deployment/afterwards', '--timeout=100s']);
  });
});
