import { expect } from 'chai';
import type { KubernetesError } from '../../../src/ports/kubernetes.ts';
import { kubernetesFailure } from '../../../src/reconcile/kubernetes-failures.ts';

const status = (code: number, reason = '', cause?: { reason: string; field: string }): KubernetesError => ({
  kind: 'status',
  code,
  reason,
  causes: cause === undefined ? [] : [cause],
});

const CASES: readonly (readonly [title: string, error: KubernetesError, kind: string, reason: string])[] = [
  ['a change by someone else', status(409, 'Conflict'), 'conflict', 'Conflict'],
  [
    'an object re-created meanwhile',
    status(422, 'Invalid', { reason: 'FieldValueInvalid', field: 'metadata.uid' }),
    'conflict',
    'Conflict',
  ],
  [
    'a ConfigMap too large together with the keys of others',
    status(422, 'Invalid', { reason: 'FieldValueTooLong', field: '[]' }),
    'blocked',
    'TargetTooLarge',
  ],
  [
    'a Secret too large together with the keys of others',
    status(422, 'Invalid', { reason: 'FieldValueTooLong', field: 'data' }),
    'blocked',
    'TargetTooLarge',
  ],
  [
    'an object that is rejected',
    status(422, 'Invalid', { reason: 'FieldValueInvalid', field: 'data[a/b]' }),
    'blocked',
    'KubernetesRejected',
  ],
  [
    'a namespace that is being deleted',
    status(403, 'Forbidden', { reason: 'NamespaceTerminating', field: 'metadata.namespace' }),
    'blocked',
    'NamespaceTerminating',
  ],
  ['a missing right', status(403, 'Forbidden'), 'blocked', 'KubernetesDenied'],
  ['a body that is too large', status(413, 'RequestEntityTooLarge'), 'blocked', 'TargetTooLarge'],
  [
    'an overloaded server',
    { ...status(429, 'TooManyRequests'), retryAfterMs: 1_000 } as KubernetesError,
    'throttled',
    'KubernetesUnavailable',
  ],
  ['a server in trouble', status(503, 'ServiceUnavailable'), 'unavailable', 'KubernetesUnavailable'],
  ['a timeout', { kind: 'timeout' }, 'unavailable', 'KubernetesUnavailable'],
  ['a broken connection', { kind: 'transport', code: 'ECONNRESET' }, 'unavailable', 'KubernetesUnavailable'],
];

describe('an error of the API server', () => {
  for (const [title, error, kind, reason] of CASES) {
    it(`${title} is ${kind} with reason ${reason}`, () => {
      const failure = kubernetesFailure(error, 'writing ConfigMap shop/orders');
      expect(failure).to.include({ kind, reason });
      expect('message' in failure && failure.message).to.contain('writing ConfigMap shop/orders');
    });
  }

  for (const [kind, says, failure] of [
    ['quota', 'ResourceQuota few', 'blocked KubernetesRejected'],
    ['policy', 'ValidatingAdmissionPolicy few', 'blocked KubernetesRejected'],
    ['webhook', 'admission webhook few refused', 'blocked KubernetesRejected'],
    ['unreachable-webhook', 'admission webhook few did not answer', 'unavailable KubernetesUnavailable'],
  ] as const) {
    it(`names the ${kind} that stood in the way, whatever its code`, () => {
      for (const code of [403, 422, 500]) {
        const obstacle = { kind, name: 'few' } as const;
        const failed = kubernetesFailure(
          { kind: 'status', code, reason: '', causes: [], obstacle },
          'writing',
        );
        if (!('message' in failed)) throw new Error(failed.kind);
        expect(`${failed.kind} ${failed.reason}`).to.equal(failure);
        expect(failed.message)
          .to.match(/^writing: /)
          .and.include(says);
      }
    });
  }

  it('of a cancelled call is cancelled', () => {
    expect(kubernetesFailure({ kind: 'cancelled' }, 'x')).to.deep.equal({ kind: 'cancelled' });
  });
});
