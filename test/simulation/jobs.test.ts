import { expect } from 'chai';
import type { RolloutStatus } from '../../src/api/schema.ts';
import type { KubernetesObject } from '../../src/ports/kubernetes.ts';
import {
  answers,
  type ClusterCall,
  CRON_JOBS,
  failWith,
  type Interceptor,
  JOBS,
  type Verdict,
} from '../support/memory-cluster/index.ts';
import { change, container, generationOf, usesKey } from '../support/rollouts.ts';
import { baseSpec, ENDPOINT, NAMESPACE, Simulation } from '../support/simulation.ts';

const everything = container({ envFrom: [{ configMapRef: { name: 'orders-config' } }] });
const named = (name: string) => ({ metadata: { namespace: NAMESPACE, name } });

const addCronJob = (simulation: Simulation, name: string, pod: object = everything) =>
  simulation.cluster.seed(CRON_JOBS, {
    ...named(name),
    spec: { schedule: '@daily', jobTemplate: { spec: { template: { spec: pod } } } },
  } as KubernetesObject);
const addJob = (simulation: Simulation, name: string, status: object = {}) =>
  simulation.cluster.seed(JOBS, {
    ...named(name),
    spec: { template: { spec: everything } },
    status,
  } as KubernetesObject);

const isAboutJobs = ({ resource }: ClusterCall): boolean => resource === 'cronjobs' || resource === 'jobs';

/** A Deployment, a CronJob and a Job use the ConfigMap; all is told. */
async function running(intercept: Interceptor, spec = baseSpec): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  await simulation.addDeployment('web', usesKey('color'));
  addCronJob(simulation, 'report');
  addJob(simulation, 'migrate');
  await simulation.apply(spec);
  simulation.start(intercept);
  await simulation.untilReady();
  await simulation.until(() => simulation.binding()?.status?.rollouts !== undefined, 60_000);
  await simulation.clock.advance(60_000);
  return simulation;
}

const told = (simulation: Simulation): readonly RolloutStatus[] =>
  simulation.binding()?.status?.rollouts ?? [];
const names = (simulation: Simulation): readonly string[] =>
  told(simulation).map(({ kind, name }) => `${kind}/${name}`);

describe('Jobs and CronJobs that use a target', () => {
  it('are told as in need of no restart, get none, and count as no rollout', async () => {
    const verbs = new Set<string>();
    const simulation = await running((call) => {
      if (isAboutJobs(call)) verbs.add(call.verb);
      return 'proceed';
    });
    addCronJob(simulation, 'unrelated', container({}));
    await change(simulation, 'color', 'green');
    expect(generationOf(simulation, 'web')).to.equal(2);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(400_000);
    expect(names(simulation)).to.deep.equal(['Deployment/web', 'CronJob/report', 'Job/migrate']);
    expect(told(simulation).map(({ phase }) => phase)).to.deep.equal([
      'Complete',
      'NoRestartNeeded',
      'NoRestartNeeded',
    ]);
    expect(simulation.binding()?.status).to.include({ rollout: '1/1', rolloutsTotal: 3 });
    expect(simulation.condition('RolloutsComplete')).to.include({ status: 'True', reason: 'Completed' });
    expect([...verbs]).to.deep.equal(['list']);
  });

  it('are told of selected workloads and without restarts, too', async () => {
    const selected = {
      restart: 'Selected' as const,
      workloads: [{ kind: 'Deployment' as const, name: 'web' }],
    };
    for (const rollout of [selected, { restart: 'Never' as const }]) {
      const simulation = await running(() => 'proceed', { ...baseSpec, rollout });
      expect(names(simulation)).to.include.members(['CronJob/report', 'Job/migrate']);
    }
  });

  it('keep no rollout open: with restarts switched off only the others are counted', async () => {
    const simulation = await running(() => 'proceed', { ...baseSpec, rollout: { restart: 'Never' } });
    expect(simulation.condition('RolloutsComplete')?.message).to.include('1 of 1 workloads');
  });

  it('come and go with the looks at workloads: a Job that is over is told no more', async () => {
    const simulation = await running(() => 'proceed');
    const status = { conditions: [{ type: 'Complete', status: 'True' }] };
    await simulation.cluster.admin.mergePatch(
      { type: JOBS, namespace: NAMESPACE, name: 'migrate' },
      { status },
      { subresource: 'status' },
    );
    addCronJob(simulation, 'cleanup');
    await simulation.until(() => names(simulation).includes('CronJob/cleanup'), 600_000);
    expect(names(simulation)).to.deep.equal(['Deployment/web', 'CronJob/cleanup', 'CronJob/report']);
  });

  it('are not told where the operator may not list them, which it logs once, and restarts go on', async () => {
    const simulation = await running((call) =>
      isAboutJobs(call) ? failWith(answers.forbidden()) : 'proceed',
    );
    expect(names(simulation)).to.deep.equal(['Deployment/web']);
    await change(simulation, 'color', 'green');
    expect(generationOf(simulation, 'web')).to.equal(2);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(900_000);
    expect(simulation.condition('RolloutsComplete')).to.include({ status: 'True', reason: 'Completed' });
    expect(simulation.condition('Warning')).to.equal(undefined);
    const lines = simulation.logger.lines.filter(({ message }) => message.includes('Jobs are not told'));
    expect(lines).to.have.length(1);
  });

  it('hold up no restart while the API server is slow to list them', async () => {
    let slow = false;
    const simulation: Simulation = await running(async (call): Promise<Verdict> => {
      if (slow && isAboutJobs(call)) await simulation.clock.sleep(20_000);
      return 'proceed';
    });
    slow = true;
    await change(simulation, 'color', 'green');
    expect(generationOf(simulation, 'web')).to.equal(2);
    expect(told(simulation)[0]?.restartedAt).to.equal(undefined);
    await simulation.until(() => told(simulation)[0]?.restartedAt !== undefined, 30_000);
  });

  it('stay told as they were while they cannot be listed, and restarts go on', async () => {
    let broken = false;
    const simulation = await running((call) =>
      broken && isAboutJobs(call) ? failWith({ kind: 'timeout' }) : 'proceed',
    );
    broken = true;
    addCronJob(simulation, 'cleanup');
    await change(simulation, 'color', 'green');
    expect(generationOf(simulation, 'web')).to.equal(2);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(400_000);
    expect(names(simulation)).to.deep.equal(['Deployment/web', 'CronJob/report', 'Job/migrate']);
    broken = false;
    await simulation.until(() => names(simulation).includes('CronJob/cleanup'), 600_000);
  });
});
