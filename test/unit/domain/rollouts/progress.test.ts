import { expect } from 'chai';
import type { RolloutStatus } from '../../../../src/api/schema.ts';
import { haltedBy } from '../../../../src/domain/rollouts/breaker.ts';
import { awaiting, isMoving, progressOf, STALLED_MS } from '../../../../src/domain/rollouts/progress.ts';
import type { Workload } from '../../../../src/domain/rollouts/workload.ts';

const NOW = Date.parse('2026-11-26T10:00:00Z');
const at = (ms: number) => new Date(NOW + ms).toISOString().replace('.000Z', 'Z');

/** Of three pods. */
const statefulSet = (updatedReplicas: number, readyReplicas = 3): Workload => ({
  kind: 'StatefulSet',
  metadata: { name: 'db', generation: 1 },
  spec: { replicas: 3 },
  status: { observedGeneration: 1, updatedReplicas, readyReplicas },
});
const deployment = (availableReplicas: number): Workload => ({
  kind: 'Deployment',
  metadata: { name: 'web', generation: 1 },
  spec: { replicas: 1 },
  status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas },
});

describe('The progress of a rollout', () => {
  it('has no times where the operator restarted nothing', () => {
    expect(progressOf(deployment(1), undefined, undefined, NOW)).to.deep.equal({
      kind: 'Deployment',
      name: 'web',
      phase: 'Complete',
      message: '1 of 1 pods updated and available',
    });
  });

  it('notes when a restart was complete, once', () => {
    const complete = progressOf(deployment(1), undefined, at(-5_000), NOW);
    expect(complete.completedAt).to.equal(at(0));
    expect(progressOf(deployment(1), complete, at(-5_000), NOW + 60_000).completedAt).to.equal(at(0));
  });

  it('stays complete for this restart when pods fail later, and begins anew with the next restart', () => {
    const complete = progressOf(deployment(1), undefined, at(-5_000), NOW);
    const later = progressOf(deployment(0), complete, at(-5_000), NOW + 60_000);
    expect(later).to.include({ phase: 'Progressing', completedAt: at(0) });
    expect(isMoving(later)).to.equal(false);
    const again = progressOf(deployment(0), later, at(70_000), NOW + 70_000);
    expect(again.completedAt).to.equal(undefined);
    expect(isMoving(again)).to.equal(true);
  });

  it('of a StatefulSet fails after ten minutes without any, and not before', () => {
    const begun = progressOf(statefulSet(1), undefined, at(0), NOW);
    expect(begun).to.include({ phase: 'Progressing', progressedAt: at(0) });
    const almost = progressOf(statefulSet(1), begun, at(0), NOW + STALLED_MS - 1);
    expect(almost.phase).to.equal('Progressing');
    const stalled = progressOf(statefulSet(1), almost, at(0), NOW + STALLED_MS);
    expect(stalled).to.include({ phase: 'Failed', progressedAt: at(0) });
    expect(stalled.message).to.equal('no progress for 10m: 1 of 3 pods updated, 3 ready');
    expect(progressOf(statefulSet(1), stalled, at(0), NOW + 2 * STALLED_MS)).to.deep.equal(stalled);
  });

  it('of a StatefulSet that goes on is progress, however long it takes', () => {
    let told = progressOf(statefulSet(0), undefined, at(0), NOW);
    for (const updated of [1, 2]) {
      told = progressOf(statefulSet(updated, 2), told, at(0), NOW + updated * (STALLED_MS - 1_000));
      expect(told.phase).to.equal('Progressing');
    }
  });

  it('of a StatefulSet that recovers after it had failed is told', () => {
    const begun = progressOf(statefulSet(1), undefined, at(0), NOW);
    const stalled = progressOf(statefulSet(1), begun, at(0), NOW + STALLED_MS);
    const moved = progressOf(statefulSet(2), stalled, at(0), NOW + STALLED_MS + 1_000);
    expect(moved).to.include({ phase: 'Progressing', progressedAt: at(STALLED_MS + 1_000) });
  });
});

describe('The progress of a rollout whose next restart waits', () => {
  const begun = progressOf(statefulSet(1), undefined, at(0), NOW);
  const stalled = progressOf(statefulSet(1), begun, at(0), NOW + STALLED_MS);

  it('is no matter of when it last moved, which cannot be told', () => {
    const told = awaiting(begun, 'Pending', 'waits');
    expect(told).to.include({ phase: 'Pending', message: 'waits', restartedAt: at(0) });
    expect(told).not.to.have.property('progressedAt');
    const later = progressOf(statefulSet(1), told, at(0), NOW + STALLED_MS);
    expect(later.phase).to.equal('Progressing');
    expect(awaiting(later, 'Pending', 'waits')).to.deep.equal(told);
  });

  it('stays failed where it had failed, until it is complete', () => {
    const told = awaiting(stalled, 'Halted', 'held back');
    const later = progressOf(statefulSet(1), told, at(0), NOW + STALLED_MS + 1_000);
    expect(later.phase).to.equal('Failed');
    expect(awaiting(later, 'Halted', 'held back')).to.deep.equal(told);
    const done = progressOf(statefulSet(3), told, at(0), NOW + STALLED_MS + 2_000);
    expect(done).to.include({ phase: 'Complete', completedAt: at(STALLED_MS + 2_000) });
  });
});

describe('A workload that holds the others back', () => {
  const failed: RolloutStatus = {
    kind: 'Deployment',
    name: 'web',
    phase: 'Failed',
    message: 'm',
    restartedAt: at(0),
  };
  const record = { keyId: 'k', usageHash: 'u', contentHash: 'c' };
  const standing = { rollout: failed, record, due: false };
  const before = NOW - 60_000;

  it('was restarted for the content as it is, and failed', () => {
    expect(haltedBy([standing], before, 'Complete')).to.equal(standing);
    expect(haltedBy([standing], NOW, 'Complete')).to.equal(standing);
  });

  it('comes first if it is to be restarted itself, whenever it failed', () => {
    const due = { ...standing, due: true };
    expect(haltedBy([due], NOW + 60_000, 'Complete')).to.equal(due);
  });

  it('holds back one that failed, too, only if it shows what the content is like', () => {
    expect(haltedBy([{ ...standing, due: true }], before, 'Failed')).to.equal(undefined);
    expect(haltedBy([standing], before, 'Failed')).to.equal(standing);
  });

  const others: readonly [string, Parameters<typeof haltedBy>[0][number], number?][] = [
    ['one whose rollout goes on', { ...standing, rollout: { ...failed, phase: 'Progressing' } }],
    [
      'one that the operator never restarted',
      { ...standing, rollout: { ...failed, restartedAt: undefined as never } },
    ],
    ['one that was complete in between', { ...standing, rollout: { ...failed, completedAt: at(5_000) } }],
    [
      'one that is to be restarted itself, but was passed over',
      { ...standing, record: { ...record, passedOver: true }, due: true },
    ],
    ['one that a refresh passed over', { ...standing, record: { ...record, passedOver: true } }],
    ['one that failed with earlier content', standing, NOW + 60_000],
  ];
  for (const [title, other, changedAt = before] of others) {
    it(`is not ${title}`, () => expect(haltedBy([other], changedAt, 'Complete')).to.equal(undefined));
  }
});
