import { expect } from 'chai';
import { CONFIG_MAPS, NAMESPACES } from '../../support/memory-cluster/index.ts';
import { configMap, expectRefusal, type MakeCluster, refOf, unwrap, useCluster } from './harness.ts';

export function deletionContract(make: MakeCluster): void {
  describe('deleting', () => {
    const given = useCluster(make);

    it('deletes, and answers 404 afterwards', async () => {
      const { api, namespace } = given();
      const ref = refOf(configMap(namespace, 'a'));
      await api.create(CONFIG_MAPS, configMap(namespace, 'a'));
      unwrap(await api.delete(ref));
      expectRefusal(await api.get(ref), 404, 'NotFound');
      expectRefusal(await api.delete(ref), 404, 'NotFound');
    });

    it('refuses preconditions that do not hold', async () => {
      const { api, namespace } = given();
      const { metadata } = unwrap(await api.create(CONFIG_MAPS, configMap(namespace, 'a')));
      const ref = refOf({ metadata });
      expectRefusal(await api.delete(ref, { uid: 'nope' }), 409, 'Conflict');
      expectRefusal(await api.delete(ref, { resourceVersion: '1' }), 409, 'Conflict');
      const { uid = '', resourceVersion = '' } = metadata;
      unwrap(await api.delete(ref, { uid, resourceVersion }));
    });

    it('keeps an object with a finalizer until that is removed', async () => {
      const { api, namespace } = given();
      const ref = refOf(configMap(namespace, 'a'));
      await api.create(CONFIG_MAPS, configMap(namespace, 'a', {}, { finalizers: ['x.example.com/f'] }));
      unwrap(await api.delete(ref));
      expect(unwrap(await api.get(ref)).metadata.deletionTimestamp).to.be.a('string');
      await api.mergePatch(ref, { metadata: { finalizers: null } });
      expectRefusal(await api.get(ref), 404, 'NotFound');
    });

    it('collects what an object that is gone owned', async () => {
      const { api, cluster, namespace } = given();
      const owner = unwrap(await api.create(CONFIG_MAPS, configMap(namespace, 'owner')));
      const { uid = '' } = owner.metadata;
      const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }];
      const owned = configMap(namespace, 'owned', {}, { ownerReferences });
      unwrap(await api.create(CONFIG_MAPS, owned));
      unwrap(await api.delete(refOf(owner)));
      let gone = false;
      const poll = async (): Promise<void> => {
        while (!gone) gone = !(await api.get(refOf(owned))).ok;
      };
      await Promise.all([poll(), cluster.until(() => gone)]);
    });

    it('creates nothing more in a namespace that is being terminated', async () => {
      const { api, namespace } = given();
      // Something that stays, or the namespace may be gone before the next request.
      const held = configMap(namespace, 'held', {}, { finalizers: ['x.example.com/f'] });
      unwrap(await api.create(CONFIG_MAPS, held));
      unwrap(await api.delete({ type: NAMESPACES, name: namespace }));
      const cause = { reason: 'NamespaceTerminating', field: 'metadata.namespace' };
      expectRefusal(await api.create(CONFIG_MAPS, configMap(namespace, 'n')), 403, 'Forbidden', cause);
      unwrap(await api.mergePatch(refOf(held), { metadata: { finalizers: null } }));
    });
  });
}
