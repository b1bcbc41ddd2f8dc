import { expect } from 'chai';
import { missing, type RestartPolicy, usageUnder } from '../../../../src/domain/rollouts/policy.ts';
import type { TargetName, Usage } from '../../../../src/domain/rollouts/usage.ts';
import type { PodSpec, Workload } from '../../../../src/domain/rollouts/workload.ts';

const TARGETS: readonly TargetName[] = [
  { kind: 'Secret', name: 'passwords', role: 'secret' },
  { kind: 'ConfigMap', name: 'settings', role: 'configMap' },
];
const deployment = (name: string, spec: PodSpec, labels?: Record<string, string>): Workload => ({
  kind: 'Deployment',
  metadata: { name, ...(labels && { labels }) },
  spec: { template: { spec } },
});
const variable: PodSpec = {
  containers: [{ env: [{ valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }] }],
};
const mounted = (items?: readonly { key: string; path: string }[]): PodSpec => ({
  containers: [{ volumeMounts: [{ name: 'v' }] }],
  volumes: [{ name: 'v', configMap: { name: 'settings', ...(items && { items }) } }],
});

const AUTO: RestartPolicy = { kind: 'auto', includeVolumes: false };
const WITH_VOLUMES: RestartPolicy = { kind: 'auto', includeVolumes: true };
const NAMED: RestartPolicy = { kind: 'selected', workloads: [{ kind: 'Deployment', name: 'web' }] };
const LABELLED: RestartPolicy = {
  kind: 'selected',
  workloads: [],
  selector: { matchLabels: { reload: 'yes' } },
};

const reads = (...keys: string[]): Usage => ({ kind: 'keys', uses: [{ role: 'configMap', keys }] });
const readsAll: Usage = { kind: 'keys', uses: [{ role: 'configMap', keys: 'all' }] };
const everything: Usage = {
  kind: 'keys',
  uses: [
    { role: 'configMap', keys: 'all' },
    { role: 'secret', keys: 'all' },
  ],
};

describe('The policy of restarts', () => {
  const cases: readonly [string, RestartPolicy, Workload, Usage][] = [
    ['auto counts what pods read at their start', AUTO, deployment('web', variable), reads('a')],
    ['auto counts no volume', AUTO, deployment('web', mounted()), { kind: 'live' }],
    ['auto with volumes counts every key of a volume', WITH_VOLUMES, deployment('web', mounted()), readsAll],
    [
      'auto with volumes counts the keys that a volume takes',
      WITH_VOLUMES,
      deployment('web', mounted([{ key: 'b', path: 'b.txt' }])),
      reads('b'),
    ],
    ['selected counts what a named workload reads', NAMED, deployment('web', variable), reads('a')],
    ['selected counts volumes, too', NAMED, deployment('web', mounted()), readsAll],
    [
      'selected counts everything where the template tells of no use',
      NAMED,
      deployment('web', { containers: [{}] }),
      everything,
    ],
    ['selected leaves others alone', NAMED, deployment('api', variable), { kind: 'none' }],
    [
      'selected leaves another kind of the same name alone',
      NAMED,
      { ...deployment('web', variable), kind: 'StatefulSet' },
      { kind: 'none' },
    ],
    [
      'selected finds workloads by their labels',
      LABELLED,
      deployment('api', variable, { reload: 'yes' }),
      reads('a'),
    ],
    ['selected leaves other labels alone', LABELLED, deployment('api', variable), { kind: 'none' }],
    ['never tells of what auto would restart', { kind: 'never' }, deployment('web', variable), reads('a')],
  ];
  for (const [title, policy, workload, expected] of cases) {
    it(title, () => expect(usageUnder(policy, workload, TARGETS)).to.deep.equal(expected));
  }

  it('knows which named workloads do not exist', () => {
    const policy: RestartPolicy = {
      kind: 'selected',
      workloads: [
        { kind: 'Deployment', name: 'web' },
        { kind: 'DaemonSet', name: 'web' },
      ],
    };
    expect(missing(policy, [deployment('web', variable)])).to.deep.equal([
      { kind: 'DaemonSet', name: 'web' },
    ]);
    expect(missing(AUTO, [])).to.deep.equal([]);
  });
});
