import { expect } from 'chai';
import type { KubernetesError } from '../../../src/ports/kubernetes.ts';
import { denialOf, deniedMessage } from '../../../src/reconcile/steps/denial.ts';

type Refusal = Extract<KubernetesError, { kind: 'status' }>;
const refusal = (changes: Partial<Refusal>): Refusal => ({
  kind: 'status',
  code: 403,
  reason: 'Forbidden',
  causes: [],
  ...changes,
});

describe('the denial of a restart', () => {
  it('asks for the right only where nothing else is named as being in the way', () => {
    expect(denialOf(refusal({}))).to.include('rollouts.enabled');
    for (const kind of ['policy', 'webhook', 'quota'] as const) {
      const why = denialOf(refusal({ obstacle: { kind, name: 'the-one' } }));
      expect(why).to.include('the-one is in the way').and.not.include('rollouts.enabled');
    }
  });

  it('names the namespace that is going, and the fields that are wrong', () => {
    const causes = [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }];
    expect(denialOf(refusal({ causes }))).to.equal('the namespace is being deleted');
    const invalid = [{ reason: 'FieldValueInvalid', field: 'spec.template.spec.containers[0].image' }];
    expect(denialOf(refusal({ code: 422, reason: 'Invalid', causes: invalid }))).to.equal(
      'it rejected the change because of spec.template.spec.containers[0].image (422 Invalid): correct the workload',
    );
  });

  it('is told once for all workloads with the same cause, and names at most ten', () => {
    const many = Array.from({ length: 12 }, (_, n) => ({ id: `Deployment/w${n}`, why: 'because' }));
    const message = deniedMessage([...many, { id: 'StatefulSet/db', why: 'of this' }]);
    expect(message).to.match(/Deployment\/w9 and 2 more: because; StatefulSet\/db: of this\. Or set/);
    expect(message.match(/because/g)).to.have.length(1);
  });
});
