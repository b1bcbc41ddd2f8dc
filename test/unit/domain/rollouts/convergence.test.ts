import { expect } from 'chai';
import fc from 'fast-check';
import { decideRestart, type RestartRecord } from '../../../../src/domain/rollouts/decision.ts';
import { contentHash, markerOf } from '../../../../src/domain/rollouts/marker.ts';
import { restartPatch } from '../../../../src/domain/rollouts/patch.ts';
import { usageHash, usageOf } from '../../../../src/domain/rollouts/usage.ts';
import type { Workload } from '../../../../src/domain/rollouts/workload.ts';

/**
 * A world of one Deployment and one ConfigMap in which everything happens in any order, and in which each
 * pod template has its own pods. The oracle: what the pods have read against what the ConfigMap holds.
 */
interface World {
  now: number;
  data: Record<string, string>;
  changedAt: number;
  usedKey: string;
  annotation: string | undefined;
  annotationBy: string;
  editedAt: number;
  podsRead: string | undefined;
  history: (string | undefined)[];
  record: RestartRecord | undefined;
  restarts: number;
}

const KEY = { id: 'k1', bytes: new Uint8Array(32).fill(1) };
const NAME = 'rollout.appconfig.dev/orders';

const newWorld = (): World => ({
  now: 100_000,
  data: { a: '0', other: '0' },
  changedAt: 100_000,
  usedKey: 'a',
  annotation: undefined,
  annotationBy: 'kubectl',
  editedAt: 90_000,
  podsRead: '0',
  history: [],
  record: undefined,
  restarts: 0,
});

function workloadOf(world: World): Workload {
  const annotations = world.annotation === undefined ? {} : { [NAME]: world.annotation };
  const owned = { 'f:metadata': { 'f:annotations': { [`f:${NAME}`]: {} } } };
  return {
    kind: 'Deployment',
    metadata: {
      name: 'orders',
      uid: 'u',
      managedFields: [{ manager: world.annotationBy, fieldsV1: { 'f:spec': { 'f:template': owned } } }],
    },
    spec: {
      template: {
        metadata: { annotations },
        spec: {
          containers: [{ env: [{ valueFrom: { configMapKeyRef: { name: 'cm', key: world.usedKey } } }] }],
        },
      },
    },
  };
}

/** One pass of the operator; `crash` stops it after the patch. Answers what it did. */
function pass(world: World, crash: boolean): string {
  const workload = workloadOf(world);
  const usage = usageOf(workload, [{ kind: 'ConfigMap', name: 'cm', role: 'configMap' }]);
  const hash = contentHash(KEY, usage, new Map([['configMap', world.data]]));
  const wanted = { keyId: KEY.id, usageHash: usageHash(usage), contentHash: hash };
  const marker = markerOf(workload, 'orders');
  const { action } = decideRestart({
    usage,
    wanted,
    ...(world.record && { record: world.record }),
    ...(marker && { marker }),
    facts: { lastSpecChangeAt: world.editedAt, targetChangedAt: world.changedAt, targetCreatedAt: 100_000 },
    optedOut: false,
    restarts: 'on',
  });
  if (action === 'restart')
    restart(world, restartPatch(workload, [{ binding: 'orders', marker: wanted }], { shared: false }));
  if (action !== 'none' && !crash) world.record = recordOf(world, wanted);
  return action;
}

function recordOf(world: World, wanted: RestartRecord): RestartRecord {
  const marker = markerOf(workloadOf(world), 'orders');
  return marker?.ours ? { ...wanted, marker: marker.text } : wanted;
}

function restart(world: World, patch: ReturnType<typeof restartPatch>): void {
  const value = patch.spec.template.metadata.annotations[NAME];
  expect(value, 'a restart must change the template').to.not.equal(world.annotation);
  world.history.push(world.annotation);
  world.annotation = value;
  world.annotationBy = 'appconfig-operator';
  rollPods(world);
  world.restarts += 1;
}

const rollPods = (world: World): void => {
  world.podsRead = world.data[world.usedKey];
};

/** What happens in the world; each takes ten seconds. */
const STEPS: Record<string, (world: World) => void> = {
  'a used key changes': (world) => change(world, world.usedKey, false),
  'a used key changes after a crash': (world) => change(world, world.usedKey, true),
  'another key changes': (world) => change(world, 'other', false),
  'edit the template': (world) => {
    world.usedKey += "'";
    world.data[world.usedKey] = '0';
    world.editedAt = world.now;
    rollPods(world);
  },
  'undo the last rollout': (world) => {
    if (world.history.length === 0) return;
    const annotation = world.history.pop();
    if (annotation !== world.annotation) world.annotationBy = 'kubectl-rollout';
    world.annotation = annotation;
    world.editedAt = world.now;
    rollPods(world);
  },
  pass: (world) => void pass(world, false),
  'pass and crash': (world) => void pass(world, true),
};

/**
 * The operator settles one content before it writes the next: restarts come in the same reconcile as the write,
 * though it may crash between a restart and its record.
 */
function change(world: World, key: string, crash: boolean): void {
  pass(world, crash);
  world.data[key] = world.data[key] === '0' ? '1' : '0';
  world.changedAt = world.now;
}

const steps = fc.array(fc.constantFrom(...Object.keys(STEPS)), { maxLength: 25 });

function live(names: readonly string[]): World {
  const world = newWorld();
  for (const name of names) {
    world.now += 10_000;
    STEPS[name]?.(world);
  }
  return world;
}

describe('Restarts, whatever happens in between', () => {
  it('are never doubled: after a decision was carried out, the next one is to do nothing', () => {
    fc.assert(
      fc.property(steps, (names) => {
        const world = live(names);
        pass(world, false);
        expect(pass(world, false)).to.equal('none');
      }),
      { numRuns: 2_000 },
    );
  });

  it('are not repeated after a crash between patch and record', () => {
    fc.assert(
      fc.property(steps, (names) => {
        const world = live(names);
        if (pass(world, true) !== 'restart') return;
        const restarts = world.restarts;
        pass(world, false);
        expect(pass(world, false)).to.equal('none');
        expect(world.restarts).to.equal(restarts);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are never lost: after a pass the pods have read what the target holds', () => {
    fc.assert(
      fc.property(steps, (names) => {
        const world = live(names);
        pass(world, false);
        expect(world.podsRead).to.equal(world.data[world.usedKey]);
      }),
      { numRuns: 5_000 },
    );
  });

  it('do not happen as long as nobody changes content', () => {
    const calm = ['edit the template', 'undo the last rollout', 'pass', 'pass and crash'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...calm), { maxLength: 25 }), (names) => {
        expect(live(names).restarts).to.equal(0);
      }),
    );
  });
});
