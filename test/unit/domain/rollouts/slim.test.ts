import { expect } from 'chai';
import fc from 'fast-check';
import { lastSpecChange } from '../../../../src/domain/rollouts/managedfields.ts';
import { markerOf } from '../../../../src/domain/rollouts/marker.ts';
import { rolloutPhase } from '../../../../src/domain/rollouts/phase.ts';
import { type RestartPolicy, usageUnder } from '../../../../src/domain/rollouts/policy.ts';
import { slimWorkload } from '../../../../src/domain/rollouts/slim.ts';
import { type TargetName, usageOf } from '../../../../src/domain/rollouts/usage.ts';
import type { Workload } from '../../../../src/domain/rollouts/workload.ts';

const MARKER = 'rollout.appconfig.dev/orders';
const TARGETS: readonly TargetName[] = [
  { kind: 'ConfigMap', name: 'settings', role: 'configMap' },
  { kind: 'Secret', name: 'passwords', role: 'secret' },
];

const name = fc.constantFrom('settings', 'passwords', 'foreign');
const key = fc.constantFrom('a', 'b');
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { maxLength: 3 });
const perhaps = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { requiredKeys: [] });

const env = fc.oneof(
  fc.record({ name: key, value: fc.string() }),
  fc.record({ name: key, valueFrom: fc.record({ configMapKeyRef: fc.record({ name, key }) }) }),
  fc.record({ name: key, valueFrom: fc.record({ secretKeyRef: fc.record({ name, key }) }) }),
  fc.record({ name: key, valueFrom: fc.constant({ fieldRef: { fieldPath: 'metadata.name' } }) }),
);
const envFrom = fc.oneof(
  fc.record({ configMapRef: fc.record({ name }) }),
  fc.record({ prefix: key, secretRef: fc.record({ name }) }),
);
const items = some(fc.record({ key, path: key }));
const volume = fc.record(
  {
    name: key,
    configMap: fc.record({ name, items }),
    secret: fc.record({ secretName: name }),
    projected: fc.record({ sources: some(fc.record({ configMap: fc.record({ name }) })) }),
    emptyDir: fc.constant({}),
  },
  { requiredKeys: ['name'] },
);
const mount = fc.record(
  { name: key, mountPath: key, subPath: key, subPathExpr: fc.constantFrom('a', '$(X)') },
  { requiredKeys: ['name'] },
);
const container = perhaps({
  image: fc.string(),
  env: some(env),
  envFrom: some(envFrom),
  volumeMounts: some(mount),
});
const owned = fc.constantFrom(
  undefined,
  { 'f:spec': { 'f:replicas': {} } },
  { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': {} } } } },
  { 'f:spec': { 'f:template': { 'f:metadata': { 'f:annotations': { [`f:${MARKER}`]: {} } } } } },
);
const managedFields = some(
  fc.record({
    manager: fc.constantFrom('kubectl', 'appconfig-operator'),
    time: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
    fieldsV1: owned,
  }),
);
const counts = perhaps({
  observedGeneration: fc.nat(3),
  replicas: fc.nat(3),
  updatedReplicas: fc.nat(3),
  availableReplicas: fc.nat(3),
  readyReplicas: fc.nat(3),
  numberAvailable: fc.nat(3),
  conditions: some(
    fc.record({
      type: fc.constantFrom('Progressing', 'Available'),
      reason: fc.constant('ProgressDeadlineExceeded'),
    }),
  ),
});
const workload = fc.record({
  kind: fc.constantFrom('Deployment' as const, 'StatefulSet' as const, 'DaemonSet' as const),
  metadata: fc.record({
    name: key,
    uid: key,
    generation: fc.nat(3),
    labels: fc.dictionary(key, key),
    managedFields,
  }),
  spec: perhaps({
    replicas: fc.nat(3),
    paused: fc.boolean(),
    updateStrategy: fc.constantFrom(
      { type: 'OnDelete' },
      { type: 'RollingUpdate', rollingUpdate: { partition: 1 } },
    ),
    template: fc.record({
      metadata: fc.record({
        annotations: fc.constantFrom({}, { other: 'x', [MARKER]: 'k1:0123456789abcdef' }),
      }),
      spec: fc.record({
        initContainers: some(container),
        containers: some(container),
        volumes: some(volume),
      }),
    }),
  }),
  status: counts,
});

const SELECTED: RestartPolicy = { kind: 'selected', workloads: [], selector: { matchLabels: { a: 'b' } } };

const answers = (one: Workload) => ({
  usage: usageOf(one, TARGETS),
  selected: usageUnder(SELECTED, one, TARGETS),
  marker: markerOf(one, 'orders'),
  changed: lastSpecChange(one.metadata.managedFields),
  phase: rolloutPhase(one),
});

describe('A workload reduced to what decisions read', () => {
  it('gives the same answers as the whole one', () => {
    fc.assert(
      fc.property(workload, (whole) => {
        expect(answers(slimWorkload(whole as Workload))).to.deep.equal(answers(whole as Workload));
      }),
    );
  });

  it('keeps the opt-out and whose it is', () => {
    const annotations = { 'appconfig.dev/restart': 'false', 'kubectl.kubernetes.io/last-applied': '{}' };
    const metadata = { name: 'web', namespace: 'shop', uid: 'u', generation: 2, annotations };
    expect(slimWorkload({ kind: 'Deployment', metadata }).metadata).to.deep.equal({
      ...metadata,
      annotations: { 'appconfig.dev/restart': 'false' },
    });
  });

  it('lets values of variables, images and the rest of the tree of fields go', () => {
    const fieldsV1 = { 'f:spec': { 'f:replicas': {}, 'f:template': { 'f:spec': { 'f:containers': {} } } } };
    const slim = slimWorkload({
      kind: 'Deployment',
      metadata: { name: 'web', managedFields: [{ manager: 'kubectl', fieldsV1 }] },
      spec: {
        template: {
          spec: { containers: [{ env: [{ name: 'PASSWORD', value: 'hunter2' }], image: 'app' } as object] },
        },
      },
    });
    const text = JSON.stringify(slim);
    for (const gone of ['hunter2', 'app', 'f:replicas', 'f:containers']) expect(text).not.to.contain(gone);
  });
});
