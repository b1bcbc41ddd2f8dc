import { expect } from 'chai';
import type { KubernetesObject } from '../../../src/ports/kubernetes.ts';
import { CONFIG_MAPS, SECRETS } from '../../support/memory-cluster/index.ts';
import {
  type ConfigMap,
  configMap,
  expectRefusal,
  type MakeCluster,
  refOf,
  unwrap,
  useCluster,
} from './harness.ts';

interface Secret extends KubernetesObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

export function writingContract(make: MakeCluster): void {
  describe('writing', () => {
    const given = useCluster(make);

    const secret = (data: Secret['data'] = {}, type = 'Opaque'): Secret => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: given().namespace, name: 's' },
      type,
      data,
    });

    it('gives a created object a UID, a resourceVersion and a creation time', async () => {
      const { api, namespace } = given();
      const created = unwrap(await api.create(CONFIG_MAPS, configMap(namespace, 'g', { a: '1' })));
      expect(created).to.include({ apiVersion: 'v1', kind: 'ConfigMap' });
      expect(created.metadata.uid).to.match(/^[0-9a-f-]{36}$/);
      expect(created.metadata.resourceVersion).to.match(/^\d+$/);
      expect(created.metadata.creationTimestamp).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    });

    it('refuses to create what exists', async () => {
      const { api, namespace } = given();
      await api.create(CONFIG_MAPS, configMap(namespace, 'g'));
      expectRefusal(await api.create(CONFIG_MAPS, configMap(namespace, 'g')), 409, 'AlreadyExists');
    });

    it('refuses an update with a stale resourceVersion', async () => {
      const { api, namespace } = given();
      const first = unwrap(await api.create(CONFIG_MAPS, configMap(namespace, 'g', { a: '1' })));
      await api.update(CONFIG_MAPS, { ...first, data: { a: '2' } });
      expectRefusal(await api.update(CONFIG_MAPS, { ...first, data: { a: '3' } }), 409, 'Conflict');
    });

    it('refuses an update with the UID of another object', async () => {
      const { api, namespace } = given();
      const { metadata, ...rest } = unwrap(await api.create(CONFIG_MAPS, configMap(namespace, 'g')));
      const other = { ...rest, metadata: { ...metadata, uid: 'nope' } };
      expectRefusal(await api.update(CONFIG_MAPS, other), 409, 'Conflict');
    });

    it('overwrites without a resourceVersion', async () => {
      const { api, namespace } = given();
      await api.create(CONFIG_MAPS, configMap(namespace, 'g', { a: '1', b: '1' }));
      const updated = unwrap(await api.update<ConfigMap>(CONFIG_MAPS, configMap(namespace, 'g', { a: '2' })));
      expect(updated.data).to.deep.equal({ a: '2' });
    });

    it('keeps the resourceVersion when an update or patch changes nothing', async () => {
      const { api, namespace } = given();
      const { metadata } = unwrap(await api.create(CONFIG_MAPS, configMap(namespace, 'g', { a: '1' })));
      const updated = unwrap(await api.update(CONFIG_MAPS, configMap(namespace, 'g', { a: '1' })));
      const patched = unwrap(await api.mergePatch(refOf({ metadata }), { data: { a: '1' } }));
      expect([updated, patched].map((object) => object.metadata.resourceVersion)).to.deep.equal([
        metadata.resourceVersion,
        metadata.resourceVersion,
      ]);
    });

    it('answers 404 to an update and to a patch of what does not exist', async () => {
      const { api, namespace } = given();
      expectRefusal(await api.update(CONFIG_MAPS, configMap(namespace, 'g')), 404, 'NotFound');
      expectRefusal(await api.mergePatch(refOf(configMap(namespace, 'g')), { data: {} }), 404, 'NotFound');
    });

    it('merges a patch and removes what is null in it', async () => {
      const { api, namespace } = given();
      const { metadata } = unwrap(
        await api.create(CONFIG_MAPS, configMap(namespace, 'g', { a: '1', b: '1' })),
      );
      const patch = {
        metadata: { uid: metadata.uid, annotations: { 'x.dev/y': 'z' } },
        data: { a: null, c: '3' },
      };
      const patched = unwrap(await api.mergePatch<ConfigMap>(refOf({ metadata }), patch));
      expect(patched.data).to.deep.equal({ b: '1', c: '3' });
      expect(patched.metadata.annotations).to.deep.equal({ 'x.dev/y': 'z' });
    });

    it('refuses a patch that names another UID as invalid, and one with a stale resourceVersion as a conflict', async () => {
      const { api, namespace } = given();
      const { metadata } = unwrap(await api.create(CONFIG_MAPS, configMap(namespace, 'g', { a: '1' })));
      const ref = refOf({ metadata });
      const uid = '11111111-2222-3333-4444-555555555555';
      expectRefusal(await api.mergePatch(ref, { metadata: { uid }, data: { a: '2' } }), 422, 'Invalid');
      await api.mergePatch(ref, { data: { a: '2' } });
      const stale = { metadata: { resourceVersion: metadata.resourceVersion }, data: { a: '3' } };
      expectRefusal(await api.mergePatch(ref, stale), 409, 'Conflict');
    });

    it('refuses keys that are illegal in a ConfigMap, naming them', async () => {
      const { api, namespace } = given();
      const result = await api.create(CONFIG_MAPS, configMap(namespace, 'k', { 'a/b': '1' }));
      expectRefusal(result, 422, 'Invalid', { reason: 'FieldValueInvalid', field: 'data[a/b]' });
    });

    it('refuses names that are no DNS names', async () => {
      const { api, namespace } = given();
      const result = await api.create(CONFIG_MAPS, configMap(namespace, 'A_b'));
      expectRefusal(result, 422, 'Invalid', { reason: 'FieldValueInvalid', field: 'metadata.name' });
    });

    it('takes one MiB of data and refuses one byte more', async () => {
      const { api, namespace } = given();
      const full = 'x'.repeat(1024 * 1024 - 1);
      unwrap(await api.create(CONFIG_MAPS, configMap(namespace, 'full', { a: `${full}y` })));
      const result = await api.create(CONFIG_MAPS, configMap(namespace, 'big', { a: `${full}yz` }));
      expectRefusal(result, 422, 'Invalid', { reason: 'FieldValueTooLong', field: '[]' });
    });

    it('refuses a body of four MiB unread', async () => {
      const { api, namespace } = given();
      const result = await api.create(
        CONFIG_MAPS,
        configMap(namespace, 'big', { a: 'x'.repeat(4 * 1024 * 1024) }),
      );
      expectRefusal(result, 413, 'RequestEntityTooLarge');
    });

    it('refuses to change the data of an immutable ConfigMap', async () => {
      const { api, namespace } = given();
      const frozen: ConfigMap = { ...configMap(namespace, 'imm', { a: '1' }), immutable: true };
      const created = unwrap(await api.create<ConfigMap>(CONFIG_MAPS, frozen));
      const result = await api.update<ConfigMap>(CONFIG_MAPS, { ...created, data: { a: '2' } });
      expectRefusal(result, 422, 'Invalid', { reason: 'FieldValueForbidden', field: 'data' });
    });

    it('refuses Secret data that is not base64, and another type for an existing Secret', async () => {
      const { api } = given();
      expectRefusal(await api.create(SECRETS, secret({ a: '!' })), 400, 'BadRequest');
      const created = unwrap(await api.create(SECRETS, secret({ a: 'eA==' })));
      const result = await api.update(SECRETS, { ...created, type: 'example.com/other' });
      expectRefusal(result, 422, 'Invalid', { reason: 'FieldValueInvalid', field: 'type' });
    });

    it('measures a Secret by its decoded data', async () => {
      const { api } = given();
      const data = Buffer.alloc(1024 * 1024, 'x');
      unwrap(await api.create(SECRETS, secret({ a: data.toString('base64') })));
      const more = Buffer.alloc(1024 * 1024 + 1, 'x').toString('base64');
      const result = await api.update(SECRETS, secret({ a: more }));
      expectRefusal(result, 422, 'Invalid', { reason: 'FieldValueTooLong', field: 'data' });
    });

    it('answers 404 to a create in a namespace that does not exist', async () => {
      const { api } = given();
      expectRefusal(await api.create(CONFIG_MAPS, configMap('no-such-namespace', 'a')), 404, 'NotFound');
    });
  });
}
