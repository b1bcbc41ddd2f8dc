import { expect } from 'chai';
import type { KubernetesObject } from '../../../src/ports/kubernetes.ts';
import { DEPLOYMENTS, LEASES } from '../../support/memory-cluster/index.ts';
import { expectRefusal, type MakeCluster, unwrap, useCluster } from './harness.ts';

interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly template: { readonly metadata: object; readonly spec: object };
    readonly [name: string]: unknown;
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

export function metadataContract(make: MakeCluster): void {
  describe('generations, status and managed fields', () => {
    const given = useCluster(make);

    const deployment = (): Deployment => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: given().namespace, name: 'd' },
      spec: {
        // No pods: the test is about the Deployment.
        replicas: 0,
        selector: { matchLabels: { app: 'd' } },
        template: {
          metadata: { labels: { app: 'd' } },
          spec: { containers: [{ name: 'c', image: 'example.invalid/none:1' }] },
        },
      },
    });
    const ref = () => ({ type: DEPLOYMENTS, namespace: given().namespace, name: 'd' });

    it('bumps the generation when the spec changes, and not for labels', async () => {
      const { api } = given();
      const created = unwrap(await api.create(DEPLOYMENTS, deployment()));
      expect(created.metadata.generation).to.equal(1);
      const template = { metadata: { annotations: { 'x.dev/marker': '1' } } };
      const patched = unwrap(await api.mergePatch(ref(), { spec: { template } }));
      expect(patched.metadata.generation).to.equal(2);
      const labelled = unwrap(await api.mergePatch(ref(), { metadata: { labels: { a: 'b' } } }));
      expect(labelled.metadata.generation).to.equal(2);
    });

    it('writes only the status through the status subresource', async () => {
      const { api } = given();
      unwrap(await api.create(DEPLOYMENTS, deployment()));
      const patch = { spec: { minReadySeconds: 7 }, status: { observedGeneration: 1 } };
      const patched = unwrap(await api.mergePatch<Deployment>(ref(), patch, { subresource: 'status' }));
      expect(patched.metadata.generation).to.equal(1);
      expect(patched.spec.minReadySeconds).to.not.equal(7);
      expect(patched.status).to.include({ observedGeneration: 1 });
    });

    it('notes who changed which field when', async () => {
      const { api } = given();
      unwrap(await api.create(DEPLOYMENTS, deployment()));
      const template = { metadata: { annotations: { 'x.dev/marker': '1' } } };
      const { metadata } = unwrap(await api.mergePatch(ref(), { spec: { template } }));
      const owners = (metadata.managedFields ?? []).filter((entry) => {
        return entry.subresource === undefined && JSON.stringify(entry.fieldsV1).includes('f:x.dev/marker');
      });
      expect(owners.map((entry) => entry.operation)).to.deep.equal(['Update']);
      expect(owners[0]?.time).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    });

    it('takes times of a Lease only with six fraction digits', async () => {
      const { api, namespace } = given();
      const lease = (renewTime: string) => ({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { namespace, name: 'l' },
        spec: { renewTime },
      });
      expectRefusal(await api.create(LEASES, lease('2026-01-01T00:00:00.000Z')), 400, 'BadRequest');
      unwrap(await api.create(LEASES, lease('2026-01-01T00:00:00.000000Z')));
    });
  });
}
