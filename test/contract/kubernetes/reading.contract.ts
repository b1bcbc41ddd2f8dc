import { expect } from 'chai';
import { CONFIG_MAPS, SERVICE_ACCOUNTS } from '../../support/memory-cluster/index.ts';
import { configMap, expectRefusal, type MakeCluster, refOf, unwrap, useCluster } from './harness.ts';

const names = (list: { readonly items: readonly { readonly metadata: { readonly name: string } }[] }) =>
  list.items.map((item) => item.metadata.name);

export function readingContract(make: MakeCluster): void {
  describe('reading', () => {
    const given = useCluster(make);

    beforeEach(async () => {
      const { api, namespace } = given();
      for (const [name, team] of [
        ['a', 'x'],
        ['b', 'y'],
        ['c', 'x'],
      ] as const) {
        unwrap(await api.create(CONFIG_MAPS, configMap(namespace, name, { k: 'v' }, { labels: { team } })));
      }
    });

    const ours = { labelSelector: 'team' };

    it('answers 404 for what does not exist', async () => {
      const { api, namespace } = given();
      expectRefusal(await api.get(refOf(configMap(namespace, 'none'))), 404, 'NotFound');
    });

    it('lists by namespace in the order of names', async () => {
      const { api, namespace } = given();
      const list = unwrap(await api.list(CONFIG_MAPS, { namespace, ...ours }));
      expect(names(list)).to.deep.equal(['a', 'b', 'c']);
      expect(list.resourceVersion).to.match(/^\d+$/);
    });

    it('lists page by page, as of the first page', async () => {
      const { api, namespace } = given();
      const first = unwrap(await api.list(CONFIG_MAPS, { namespace, ...ours, limit: 2 }));
      await api.delete(refOf(configMap(namespace, 'c')));
      const { continueToken = '' } = first;
      const second = unwrap(await api.list(CONFIG_MAPS, { namespace, ...ours, limit: 2, continueToken }));
      expect([...names(first), ...names(second)]).to.deep.equal(['a', 'b', 'c']);
      expect(second.continueToken).to.equal(undefined);
    });

    it('refuses a continue token that it did not make', async () => {
      const { api, namespace } = given();
      const result = await api.list(CONFIG_MAPS, { namespace, limit: 2, continueToken: 'invented' });
      expectRefusal(result, 400, 'BadRequest');
    });

    for (const [labelSelector, expected] of [
      ['team=x', ['a', 'c']],
      ['team!=x,team', ['b']],
      ['team in (x,y)', ['a', 'b', 'c']],
      ['team notin (x),team', ['b']],
    ] as const) {
      it(`selects by label: ${labelSelector}`, async () => {
        const { api, namespace } = given();
        expect(names(unwrap(await api.list(CONFIG_MAPS, { namespace, labelSelector })))).to.deep.equal(
          expected,
        );
      });
    }

    it('gives metadata only when asked', async () => {
      const { api, namespace } = given();
      const one = unwrap(await api.get(refOf(configMap(namespace, 'a')), { metadataOnly: true }));
      const list = unwrap(await api.list(CONFIG_MAPS, { namespace, ...ours, metadataOnly: true }));
      expect(one).to.have.keys('apiVersion', 'kind', 'metadata');
      expect(one).to.include({ kind: 'PartialObjectMetadata' });
      expect(list.items[0]).to.have.keys('apiVersion', 'kind', 'metadata');
      expect(list.items[0]?.metadata.labels).to.deep.equal({ team: 'x' });
    });

    it('mints tokens for ServiceAccounts that exist, with exactly one audience', async () => {
      const { api, namespace } = given();
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'orders' } };
      unwrap(await api.create(SERVICE_ACCOUNTS, account));
      const { token } = unwrap(await api.requestToken({ namespace, name: 'orders' }, 'api://Audience', 3600));
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
      expect(claims.aud).to.deep.equal(['api://Audience']);
      expect(claims.sub).to.equal(`system:serviceaccount:${namespace}:orders`);
      expectRefusal(await api.requestToken({ namespace, name: 'none' }, 'a', 3600), 404, 'NotFound');
    });
  });
}
