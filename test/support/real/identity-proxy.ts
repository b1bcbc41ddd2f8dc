import type { IdentityProxy } from '../../../dev/azure/identitybinding/server.ts';
import type { World } from './world.ts';

/** The proxy for identity bindings of a cluster of AKS, which asks the API server of `world` for rights. */
export function useIdentityProxy(world: () => World): () => IdentityProxy {
  let proxy: IdentityProxy | undefined;
  before(async () => {
    const { azure } = world();
    proxy = await azure.startIdentityProxy((subject, clientId) => mayUse(world(), subject, clientId));
  });
  after(() => proxy?.stop());
  return () => {
    if (proxy === undefined) throw new Error('the proxy does not run before the first test');
    return proxy;
  };
}

/** The question that the proxy of AKS puts to the API server of its cluster. */
async function mayUse({ cluster }: World, user: string, clientId: string): Promise<boolean> {
  const resourceAttributes = {
    group: 'cid.wi.aks.azure.com',
    resource: clientId,
    verb: 'use-managed-identity',
  };
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user, resourceAttributes },
  };
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
  const { body } = await cluster.api.request<{ status?: { allowed?: boolean } }>('POST', path, {
    body: review,
  });
  return body.status?.allowed === true;
}
