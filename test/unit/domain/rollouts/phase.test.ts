import { expect } from 'chai';
import { rolloutPhase } from '../../../../src/domain/rollouts/phase.ts';
import type {
  Workload,
  WorkloadKind,
  WorkloadSpec,
  WorkloadStatus,
} from '../../../../src/domain/rollouts/workload.ts';

const phaseOf = (kind: WorkloadKind, spec: WorkloadSpec, status: WorkloadStatus, generation = 2) => {
  const workload: Workload = {
    kind,
    metadata: { name: 'orders', generation },
    spec,
    status: { observedGeneration: 2, ...status },
  };
  return rolloutPhase(workload);
};

const FAILED = { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] };
const ON_DELETE = { updateStrategy: { type: 'OnDelete' } };
const partition = (held: number): WorkloadSpec => ({
  replicas: 3,
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: held } },
});

type Case = readonly [string, WorkloadSpec, WorkloadStatus, ReturnType<typeof rolloutPhase>['phase'], string];

const DEPLOYMENT: readonly Case[] = [
  [
    'is complete when all pods are updated and available',
    { replicas: 3 },
    { replicas: 3, updatedReplicas: 3, availableReplicas: 3 },
    'Complete',
    '3 of 3 pods updated and available',
  ],
  ['wants one pod when replicas is absent', {}, {}, 'Progressing', '0 of 1 pods updated, 0 available'],
  ['is complete at zero replicas', { replicas: 0 }, {}, 'Complete', '0 of 0 pods updated and available'],
  [
    'progresses while pods are not updated',
    { replicas: 3 },
    { replicas: 4, updatedReplicas: 1, availableReplicas: 3 },
    'Progressing',
    '1 of 3 pods updated, 3 available, 3 old to stop',
  ],
  [
    'progresses while old pods stop',
    { replicas: 3 },
    { replicas: 4, updatedReplicas: 3, availableReplicas: 3 },
    'Progressing',
    '3 of 3 pods updated, 3 available, 1 old to stop',
  ],
  [
    'progresses while updated pods are not available',
    { replicas: 3 },
    { replicas: 3, updatedReplicas: 3, availableReplicas: 2 },
    'Progressing',
    '3 of 3 pods updated, 2 available',
  ],
  [
    'has failed when the progress deadline passed',
    { replicas: 3 },
    { replicas: 4, updatedReplicas: 1, availableReplicas: 3, ...FAILED },
    'Failed',
    'progress deadline exceeded: 1 of 3 pods updated, 3 available',
  ],
  [
    'is complete in spite of an old failure',
    { replicas: 1 },
    { replicas: 1, updatedReplicas: 1, availableReplicas: 1, ...FAILED },
    'Complete',
    '1 of 1 pods updated and available',
  ],
  [
    'says how to go on when it is paused',
    { replicas: 3, paused: true },
    { replicas: 3, availableReplicas: 3 },
    'Paused',
    'spec.paused is true: resume it with kubectl rollout resume',
  ],
  [
    'is complete when it is paused with nothing left to do',
    { replicas: 1, paused: true },
    { replicas: 1, updatedReplicas: 1, availableReplicas: 1 },
    'Complete',
    '1 of 1 pods updated and available',
  ],
];

const STATEFUL_SET: readonly Case[] = [
  [
    'is complete when all pods are updated, ready and of the current revision',
    { replicas: 3 },
    { updatedReplicas: 3, readyReplicas: 3, currentRevision: 'r2', updateRevision: 'r2' },
    'Complete',
    '3 of 3 pods updated and available',
  ],
  [
    'progresses until the new revision is the current one',
    { replicas: 3 },
    { updatedReplicas: 3, readyReplicas: 3, currentRevision: 'r1', updateRevision: 'r2' },
    'Progressing',
    '3 of 3 pods updated, 3 ready',
  ],
  [
    'progresses while pods are not ready',
    { replicas: 3 },
    { updatedReplicas: 3, readyReplicas: 2 },
    'Progressing',
    '3 of 3 pods updated, 2 ready',
  ],
  [
    'progresses above the partition',
    partition(1),
    { updatedReplicas: 1, readyReplicas: 3 },
    'Progressing',
    '1 of 3 pods updated, 3 ready',
  ],
  [
    'is paused when only the partition holds pods back',
    partition(1),
    { updatedReplicas: 2, readyReplicas: 3, currentRevision: 'r1', updateRevision: 'r2' },
    'Paused',
    'the partition holds back 1 pods: 2 of 3 pods updated, 3 ready',
  ],
  [
    'is complete under a partition when every pod is updated all the same',
    partition(1),
    { updatedReplicas: 3, readyReplicas: 3, currentRevision: 'r1', updateRevision: 'r2' },
    'Complete',
    '3 of 3 pods updated and available',
  ],
  [
    'is paused by a partition above the number of pods',
    partition(9),
    { readyReplicas: 3 },
    'Paused',
    'the partition holds back 3 pods: 0 of 3 pods updated, 3 ready',
  ],
  [
    'waits for someone to delete the old pods when the strategy is OnDelete',
    { replicas: 2, ...ON_DELETE },
    { updatedReplicas: 1, readyReplicas: 2 },
    'OnDelete',
    'updateStrategy is OnDelete: delete the old pods to give them the new content (1 of 2 pods updated, 2 ready)',
  ],
  [
    'progresses when the last pod was deleted under OnDelete',
    { replicas: 2, ...ON_DELETE },
    { updatedReplicas: 2, readyReplicas: 1 },
    'Progressing',
    '2 of 2 pods updated, 1 ready',
  ],
  [
    'is complete under OnDelete, where no revision becomes current',
    { replicas: 2, ...ON_DELETE },
    { updatedReplicas: 2, readyReplicas: 2, currentRevision: 'r1', updateRevision: 'r2' },
    'Complete',
    '2 of 2 pods updated and available',
  ],
];

const DAEMON_SET: readonly Case[] = [
  [
    'is complete when every node runs an updated, available pod',
    {},
    { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 },
    'Complete',
    '2 of 2 pods updated and available',
  ],
  ['is complete without a matching node', {}, {}, 'Complete', '0 of 0 pods updated and available'],
  [
    'progresses while nodes run old pods',
    {},
    { desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberAvailable: 2 },
    'Progressing',
    '1 of 2 pods updated, 2 available',
  ],
  [
    'progresses while pods are not available',
    {},
    { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 },
    'Progressing',
    '2 of 2 pods updated, 1 available',
  ],
  [
    'waits for someone to delete the old pods when the strategy is OnDelete',
    ON_DELETE,
    { desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberAvailable: 2 },
    'OnDelete',
    'updateStrategy is OnDelete: delete the old pods to give them the new content (1 of 2 pods updated, 2 available)',
  ],
];

for (const [kind, cases] of [
  ['Deployment', DEPLOYMENT],
  ['StatefulSet', STATEFUL_SET],
  ['DaemonSet', DAEMON_SET],
] as const) {
  describe(`The rollout of a ${kind}`, () => {
    it('progresses until its controller has seen the newest generation', () => {
      expect(phaseOf(kind, { replicas: 0 }, {}, 3)).to.deep.equal({
        phase: 'Progressing',
        message: 'not yet seen by its controller',
      });
    });

    for (const [title, spec, status, phase, message] of cases) {
      it(title, () => {
        expect(phaseOf(kind, spec, status)).to.deep.equal({ phase, message });
      });
    }
  });
}
