import { expect } from 'chai';
import { type Job, jobStatus, liveJob } from '../../../../src/domain/rollouts/job.ts';
import type { TargetName } from '../../../../src/domain/rollouts/usage.ts';

const TARGETS: readonly TargetName[] = [
  { kind: 'ConfigMap', name: 'orders-config', role: 'configMap' },
  { kind: 'Secret', name: 'orders-secrets', role: 'secret' },
];
const reads = { containers: [{ name: 'app', envFrom: [{ configMapRef: { name: 'orders-config' } }] }] };
const mounts = {
  containers: [{ name: 'app', volumeMounts: [{ name: 'v' }] }],
  volumes: [{ name: 'v', secret: { secretName: 'orders-secrets' } }],
};

const cronJob = (pod: object): Job => ({
  kind: 'CronJob',
  metadata: { name: 'report' },
  spec: { jobTemplate: { spec: { template: { spec: pod } } } },
});
const job = (pod: object, more: Partial<Job> = {}): Job => ({
  kind: 'Job',
  metadata: { name: 'migrate' },
  spec: { template: { spec: pod } },
  ...more,
});

function told(of: Job) {
  const live = liveJob(of);
  return live && jobStatus(live, TARGETS);
}

describe('What is told of', () => {
  for (const [how, pod] of [
    ['its environment', reads],
    ['a volume', mounts],
  ] as const)
    it(`a CronJob that uses a target through ${how}: that its next run needs no help`, () => {
      expect(told(cronJob(pod))).to.deep.equal({
        kind: 'CronJob',
        name: 'report',
        phase: 'NoRestartNeeded',
        message: 'its next run starts with the current content',
      });
    });

  it('a Job that read a target at its start: that its pods keep it', () => {
    expect(told(job(reads))).to.deep.equal({
      kind: 'Job',
      name: 'migrate',
      phase: 'NoRestartNeeded',
      message: 'its running pods keep what they started with',
    });
  });

  it('a Job that only mounts a target as a whole: that its files are kept current', () => {
    expect(told(job(mounts))?.message).to.include('the kubelet keeps');
  });

  it('a Job or CronJob that uses no target: nothing', () => {
    const other = { containers: [{ envFrom: [{ configMapRef: { name: 'other' } }] }] };
    expect([
      told(job(other)),
      told(cronJob(other)),
      told({ kind: 'Job', metadata: { name: 'x' } }),
    ]).to.deep.equal([undefined, undefined, undefined]);
  });

  for (const type of ['Complete', 'Failed'])
    it(`a Job that is over (${type}): nothing`, () => {
      expect(told(job(reads, { status: { conditions: [{ type, status: 'True' }] } }))).to.equal(undefined);
      expect(told(job(reads, { status: { conditions: [{ type, status: 'False' }] } }))?.kind).to.equal('Job');
    });

  it('a run of a CronJob: nothing, and of a Job of another controller: as of any', () => {
    const ownedBy = (kind: string) =>
      told(job(reads, { metadata: { name: 'run', ownerReferences: [{ kind, controller: true }] } }));
    expect(ownedBy('CronJob')).to.equal(undefined);
    expect(ownedBy('Workflow')?.name).to.equal('run');
  });
});
