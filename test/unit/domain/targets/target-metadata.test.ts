import { expect } from 'chai';
import fc from 'fast-check';
import { desiredTarget } from '../../../../src/domain/targets/desired-target.ts';
import type { TargetTerms } from '../../../../src/domain/targets/plan-targets.ts';
import {
  freshMetadata,
  mergedMetadata,
  sameMetadata,
} from '../../../../src/domain/targets/target-metadata.ts';
import { DEFAULT_TERMS } from '../../../support/terms.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');

const desiredWith = (terms: Partial<TargetTerms>) =>
  desiredTarget({
    kind: 'ConfigMap',
    namespace: 'shop',
    name: 'config',
    binding: { name: 'orders', uid: 'uid-1' },
    terms: { ...DEFAULT_TERMS, ...terms },
    data: { a: '1' },
    format: { kind: 'KeyValue' },
    inputHash: 'h1',
  });

const OURS = { 'appconfig.dev/binding': 'orders', 'app.kubernetes.io/managed-by': 'appconfig-operator' };
const FROM_SPEC = 'appconfig.dev/from-spec';

describe('labels and annotations of the spec', () => {
  const asked = { labels: { team: 'orders' }, annotations: { 'example.com/note': 'hi' } };

  it('stand on a new target, beside ours and with a note of which they are', () => {
    const { labels, annotations } = freshMetadata(desiredWith(asked), NOW);
    expect(labels).to.deep.equal({ team: 'orders', ...OURS });
    expect(annotations).to.include({
      'example.com/note': 'hi',
      'appconfig.dev/owner-uid': 'uid-1',
      [FROM_SPEC]: '{"labels":["team"],"annotations":["example.com/note"]}',
    });
    expect(freshMetadata(desiredWith({}), NOW).annotations).to.not.have.property(FROM_SPEC);
  });

  it('never take the place of ours', () => {
    const labels = { 'appconfig.dev/binding': 'other' };
    const annotations = { 'appconfig.dev/owner-uid': 'other', [FROM_SPEC]: 'other' };
    const made = freshMetadata(desiredWith({ labels, annotations }), NOW);
    expect(made.labels).to.include(OURS);
    expect(made.annotations).to.include({ 'appconfig.dev/owner-uid': 'uid-1' });
    expect(made.annotations?.[FROM_SPEC]).not.to.equal('other');
  });

  it('go when the spec names them no longer; those of others stay', () => {
    const made = freshMetadata(desiredWith(asked), NOW);
    const edited = {
      ...made,
      labels: { ...made.labels, theirs: 'x' },
      annotations: { ...made.annotations, theirs: 'y' },
    };
    const after = mergedMetadata({ metadata: edited }, desiredWith({ labels: { tier: 'a' } }), undefined);
    expect(after.labels).to.deep.equal({ theirs: 'x', tier: 'a', ...OURS });
    expect(after.annotations).to.include({
      theirs: 'y',
      [FROM_SPEC]: '{"labels":["tier"],"annotations":[]}',
    });
    expect(after.annotations).to.not.have.property('example.com/note');
    const none = mergedMetadata({ metadata: after }, desiredWith({}), undefined);
    expect(none.labels).to.deep.equal({ theirs: 'x', ...OURS });
    expect(none.annotations).to.not.have.property(FROM_SPEC);
  });

  it('are put back when someone changed or removed them', () => {
    const made = freshMetadata(desiredWith(asked), NOW);
    const edited = { ...made, labels: { team: 'other' }, annotations: {} };
    const after = mergedMetadata({ metadata: edited }, desiredWith(asked), undefined);
    expect(after.labels).to.include({ team: 'orders' });
    expect(after.annotations).to.include({ 'example.com/note': 'hi' });
    expect(sameMetadata(edited, after)).to.equal(false);
  });

  it('are reached in one step from whatever the note says', () => {
    const notes = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ labels: fc.anything(), annotations: fc.anything() }).map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(notes, (note) => {
        const desired = desiredWith(asked);
        const made = freshMetadata(desired, NOW);
        const edited = { ...made, annotations: { ...made.annotations, [FROM_SPEC]: note } };
        const once = mergedMetadata({ metadata: edited }, desired, undefined);
        expect(once.labels).to.deep.equal(made.labels);
        expect(once.annotations).to.deep.equal(made.annotations);
        expect(sameMetadata(once, mergedMetadata({ metadata: once }, desired, undefined))).to.equal(true);
      }),
    );
  });
});

describe('the owner reference', () => {
  const owners = (terms: Partial<TargetTerms>) => freshMetadata(desiredWith(terms), NOW).ownerReferences;

  it('stands on what goes with the binding, and not on what is retained', () => {
    expect(owners({})?.map(({ uid }) => uid)).to.deep.equal(['uid-1']);
    expect(owners({ deletionPolicy: 'Retain' })).to.equal(undefined);
  });

  it('goes and comes with the policy; those of others stay', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'p1' };
    const made = freshMetadata(desiredWith({}), NOW);
    const both = { ...made, ownerReferences: [pod, ...(made.ownerReferences ?? [])] };
    const retained = mergedMetadata({ metadata: both }, desiredWith({ deletionPolicy: 'Retain' }), undefined);
    expect(retained.ownerReferences).to.deep.equal([pod]);
    const again = mergedMetadata({ metadata: retained }, desiredWith({}), undefined);
    expect(again.ownerReferences?.map(({ uid }) => uid)).to.deep.equal(['p1', 'uid-1']);
  });
});
