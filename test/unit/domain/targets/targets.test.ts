import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { type DesiredTarget, desiredTarget } from '../../../../src/domain/targets/desired-target.ts';
import { ownedBy } from '../../../../src/domain/targets/ownership.ts';
import { dataDigest, decideTarget, type TargetObject } from '../../../../src/domain/targets/targets.ts';
import { DEFAULT_TERMS } from '../../../support/terms.ts';

const NOW = Date.parse('2026-11-22T10:00:00.900Z');
const LATER = NOW + 60_000;
const binding = { name: 'orders', uid: 'uid-1' };
const context = { ownerIsLive: (uid: string) => uid === 'uid-1' || uid === 'uid-live', now: NOW };

const common = {
  namespace: 'shop',
  binding,
  terms: DEFAULT_TERMS,
  inputHash: 'h1',
  format: { kind: 'KeyValue' },
} as const;
const configMap = (data: Record<string, string> = { a: '1' }): DesiredTarget =>
  desiredTarget({ ...common, kind: 'ConfigMap', name: 'config', data });
const secret = (references?: string, type?: string): DesiredTarget =>
  desiredTarget({
    ...common,
    kind: 'Secret',
    name: 'secrets',
    data: { p: 'é' },
    references,
    ...(type === undefined ? {} : { type }),
  });

/** As the server returns what was created. */
function created(desired: DesiredTarget): TargetObject {
  const decision = decideTarget(undefined, desired, context);
  if (decision.action !== 'create') throw new Error(decision.action);
  const metadata = {
    ...decision.object.metadata,
    uid: 'target-uid',
    resourceVersion: '7',
    creationTimestamp: '2026-11-22T10:00:00Z',
  };
  return { ...decision.object, metadata };
}

const edited = (object: TargetObject, metadata: Partial<TargetObject['metadata']>): TargetObject => ({
  ...object,
  metadata: { ...object.metadata, ...metadata },
});

const annotated = (object: TargetObject, annotations: Record<string, string>) =>
  edited(object, { annotations: { ...object.metadata.annotations, ...annotations } });

function updated(existing: TargetObject, desired: DesiredTarget, now = LATER) {
  const decision = decideTarget(existing, desired, { ...context, now });
  if (decision.action !== 'update') throw new Error(JSON.stringify(decision));
  return decision;
}

function refused(existing: TargetObject, desired = configMap()) {
  const decision = decideTarget(existing, desired, context);
  if (decision.action !== 'refuse') throw new Error(decision.action);
  return decision;
}

describe('a target that does not exist', () => {
  it('is created with labels, annotations and an owner reference that blocks no deletion', () => {
    expect(decideTarget(undefined, configMap(), context)).to.deep.equal({
      action: 'create',
      object: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: 'config',
          namespace: 'shop',
          labels: { 'appconfig.dev/binding': 'orders', 'app.kubernetes.io/managed-by': 'appconfig-operator' },
          annotations: {
            'appconfig.dev/owner-uid': 'uid-1',
            'appconfig.dev/format': '{"kind":"KeyValue"}',
            'appconfig.dev/input-hash': 'h1',
            'appconfig.dev/changed-at': '2026-11-22T10:00:00Z',
          },
          ownerReferences: [
            {
              apiVersion: 'appconfig.dev/v1alpha1',
              kind: 'AppConfigBinding',
              name: 'orders',
              uid: 'uid-1',
              controller: true,
              blockOwnerDeletion: false,
            },
          ],
        },
        data: { a: '1' },
      },
    });
  });

  it('is an Opaque Secret with base64 data and its references', () => {
    const object = created(secret('{}'));
    expect(object).to.include({ type: 'Opaque' });
    expect(object.data).to.deep.equal({ p: 'w6k=' });
    expect(object.metadata.annotations).to.include({ 'appconfig.dev/references': '{}' });
  });
});

describe('a target of ours', () => {
  it('is left alone when nothing differs', () => {
    for (const desired of [configMap(), secret('{}')]) {
      const existing = created(desired);
      expect(decideTarget(existing, desired, { ...context, now: LATER })).to.deep.equal({
        action: 'unchanged',
        object: existing,
      });
    }
  });

  it('is replaced as a whole when its data differs, with a new time of change', () => {
    const existing = { ...created(configMap({ a: '1', gone: 'x' })), binaryData: { b: 'eA==' } };
    const { object, contentChanged } = updated(existing, configMap({ a: '2' }));
    expect(contentChanged).to.equal(true);
    expect(object.data).to.deep.equal({ a: '2' });
    expect(object).to.not.have.property('binaryData');
    expect(object.metadata).to.include({ uid: 'target-uid', resourceVersion: '7' });
    expect(object.metadata.annotations).to.include({ 'appconfig.dev/changed-at': '2026-11-22T10:01:00Z' });
  });

  it('keeps its time of change when only the input hash differs', () => {
    const { object, contentChanged } = updated(created(configMap()), { ...configMap(), inputHash: 'h2' });
    expect(contentChanged).to.equal(false);
    expect(object.metadata.annotations).to.include({
      'appconfig.dev/input-hash': 'h2',
      'appconfig.dev/changed-at': '2026-11-22T10:00:00Z',
    });
  });

  it('is as old as the object when someone removed its time of change', () => {
    const existing = edited(created(configMap()), {
      annotations: { 'appconfig.dev/owner-uid': 'uid-1' },
      creationTimestamp: '2020-01-01T00:00:00Z',
    });
    expect(updated(existing, configMap()).object.metadata.annotations).to.include({
      'appconfig.dev/changed-at': '2020-01-01T00:00:00Z',
    });
  });

  it('drops the annotation of references when there is none to write', () => {
    const { object } = updated(created(secret('{"a":["r","v","d"]}')), secret());
    expect(object.metadata.annotations).to.not.have.property('appconfig.dev/references');
  });

  it('gets back what others removed, and keeps what others added', () => {
    const others = {
      labels: { team: 'x' },
      annotations: { 'appconfig.dev/owner-uid': 'uid-1', note: 'y' },
      finalizers: ['example.com/hold'],
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'p1' }],
      managedFields: [{ manager: 'kubectl' }],
    };
    const { object, contentChanged } = updated(edited(created(configMap()), others), configMap());
    expect(contentChanged).to.equal(false);
    expect(object.metadata).to.deep.include({ finalizers: ['example.com/hold'] });
    expect(object.metadata).to.not.have.property('managedFields');
    expect(object.metadata.labels).to.deep.equal({
      team: 'x',
      'appconfig.dev/binding': 'orders',
      'app.kubernetes.io/managed-by': 'appconfig-operator',
    });
    expect(object.metadata.annotations).to.include({ note: 'y', 'appconfig.dev/input-hash': 'h1' });
    expect(object.metadata.ownerReferences?.map(({ uid }) => uid)).to.deep.equal(['p1', 'uid-1']);
  });

  it('is known by its controller even without annotations', () => {
    const existing = edited(created(configMap()), { annotations: {}, labels: {} });
    expect(ownedBy(existing, 'uid-1')).to.equal(true);
    expect(updated(existing, configMap()).object.metadata.labels).to.include({
      'appconfig.dev/binding': 'orders',
    });
  });

  it('reaches what is desired in one write, whatever was edited', () => {
    const text = fc.dictionary(fc.constantFrom('a', 'b', 'appconfig.dev/changed-at'), fc.string(), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(text, text, text, fc.boolean(), (data, labels, annotations, binary) => {
        const desired = configMap();
        const existing: TargetObject = {
          ...annotated(edited(created(desired), { labels }), annotations),
          data,
          ...(binary ? { binaryData: { b: 'eA==' } } : {}),
        };
        const decision = decideTarget(existing, desired, { ...context, now: LATER });
        if (decision.action !== 'update' && decision.action !== 'unchanged') throw new Error(decision.action);
        expect(decision.object.data).to.deep.equal(desired.data);
        expect(decideTarget(decision.object, desired, { ...context, now: LATER + 1 }).action).to.equal(
          'unchanged',
        );
      }),
    );
  });
});

describe('an object that cannot be taken', () => {
  const bare: TargetObject = { metadata: { name: 'config', namespace: 'shop', uid: 'u' }, data: { a: '1' } };

  it('was not made by the operator', () => {
    expect(refused(bare)).to.deep.equal({
      action: 'refuse',
      owner: 'someone else',
      problem: 'it was not made by this operator; delete it, or choose another name in spec.target',
    });
  });

  it('has our label and no recorded owner', () => {
    expect(refused(edited(bare, { labels: { 'appconfig.dev/binding': 'orders' } })).owner).to.equal(
      'someone else',
    );
  });

  it('belongs to another live binding, even one that had our name', () => {
    const labels = { 'appconfig.dev/binding': 'orders' };
    const other = edited(bare, { labels, annotations: { 'appconfig.dev/owner-uid': 'uid-live' } });
    expect(refused(other).owner).to.equal('AppConfigBinding orders');
  });

  it('is what another binding left behind', () => {
    const labels = { 'appconfig.dev/binding': 'payments' };
    const left = edited(bare, { labels, annotations: { 'appconfig.dev/owner-uid': 'uid-dead' } });
    expect(refused(left).problem).to.match(/^it belongs to AppConfigBinding payments; delete it/);
  });

  it('has a controller of another kind, whatever its annotations say', () => {
    const ownerReferences = [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true },
    ];
    const annotations = { 'appconfig.dev/owner-uid': 'uid-1' };
    expect(refused(edited(bare, { ownerReferences, annotations })).owner).to.equal('ReplicaSet web');
  });

  it('is immutable with other content', () => {
    const existing = { ...created(configMap({ a: '0' })), immutable: true };
    expect(refused(existing).problem).to.match(
      /it is immutable and its content has changed; delete it, and it is made anew/,
    );
    expect(decideTarget({ ...created(configMap()), immutable: true }, configMap(), context).action).to.equal(
      'unchanged',
    );
  });

  it('is a Secret of another type', () => {
    expect(refused({ ...created(secret()), type: 'kubernetes.io/tls' }, secret()).problem).to.match(
      /type is kubernetes\.io\/tls instead of Opaque, and .*; delete it/,
    );
  });
});

describe('a target of which only the metadata and a digest of its data are at hand', () => {
  const data = fc.dictionary(fc.stringMatching(/^[a-z._-]{1,3}$/), fc.string(), {
    maxKeys: 4,
    noNullPrototype: true,
  });
  const rest = { ...context, now: LATER };

  it('is decided about as if it had been read', () => {
    fc.assert(
      fc.property(data, data, (before, after) => {
        const whole = created(configMap(before));
        const desired = configMap(after);
        const known = { ...rest, holds: dataDigest(whole.data ?? {}) };
        expect(decideTarget({ metadata: whole.metadata }, desired, known)).to.deep.equal({
          ...decideTarget(whole, desired, rest),
          // What has just been read carries its type, what the watch tells does not.
          ...(isDeepStrictEqual(before, after)
            ? { object: { metadata: whole.metadata, data: whole.data } }
            : {}),
        });
      }),
    );
  });

  it('has the same digest in whatever order its data comes', () => {
    expect(dataDigest({ a: '1', b: '2' })).to.equal(dataDigest({ b: '2', a: '1' }));
    expect(dataDigest({ a: '1' })).not.to.equal(dataDigest({ a: '2' }));
  });
});

describe('what an earlier binding of the same name left behind', () => {
  const left = (ownerReferences: TargetObject['metadata']['ownerReferences']): TargetObject =>
    edited(
      annotated(created(configMap()), { 'appconfig.dev/owner-uid': 'uid-dead' }),
      ownerReferences === undefined ? {} : { ownerReferences },
    );

  it('is adopted when its recorded owner lives no more', () => {
    for (const references of [
      [],
      [
        {
          apiVersion: 'appconfig.dev/v1alpha1',
          kind: 'AppConfigBinding',
          name: 'orders',
          uid: 'uid-dead',
          controller: true,
          blockOwnerDeletion: false,
        },
      ],
    ]) {
      const { object, contentChanged } = updated(left(references), configMap());
      expect(contentChanged).to.equal(false);
      expect(object.metadata.annotations).to.include({ 'appconfig.dev/owner-uid': 'uid-1' });
      expect(object.metadata.ownerReferences?.map(({ uid }) => uid)).to.deep.equal(['uid-1']);
    }
  });
});
