import { expect } from 'chai';
import { CONFIG_MAPS } from '../../support/memory-cluster/index.ts';
import { type ConfigMap, configMap, expectRefusal, type MakeCluster, unwrap, useCluster } from './harness.ts';

const FIRST = { fieldManager: 'appconfig-operator/first' };
const SECOND = { fieldManager: 'appconfig-operator/second' };

export function applyingContract(make: MakeCluster): void {
  describe('server-side apply', () => {
    const given = useCluster(make);

    /** A ConfigMap of somebody else, with one key. */
    const foreign = async (data: ConfigMap['data'] = { theirs: '1' }) =>
      unwrap(await given().api.create<ConfigMap>(CONFIG_MAPS, configMap(given().namespace, 'f', data)));
    const intent = (uid: string | undefined, data: ConfigMap['data'], metadata: object = {}) =>
      configMap(given().namespace, 'f', data, { ...(uid === undefined ? {} : { uid }), ...metadata });
    const managers = ({ metadata }: ConfigMap) =>
      (metadata.managedFields ?? [])
        .filter(({ operation }) => operation === 'Apply')
        .map(({ manager, fieldsV1 }) => [manager, fieldsV1]);

    it('adds its fields, leaves those of others, and says whose they are', async () => {
      const { uid } = (await foreign()).metadata;
      const metadata = { annotations: { 'example.com/a': 'b' } };
      const applied = unwrap(
        await given().api.apply<ConfigMap>(CONFIG_MAPS, intent(uid, { 'ours.json': '2' }, metadata), FIRST),
      );
      expect(applied.data).to.deep.equal({ theirs: '1', 'ours.json': '2' });
      expect(applied.metadata.uid).to.equal(uid);
      expect(managers(applied)).to.deep.equal([
        [
          FIRST.fieldManager,
          { 'f:data': { 'f:ours.json': {} }, 'f:metadata': { 'f:annotations': { 'f:example.com/a': {} } } },
        ],
      ]);
    });

    it('takes away what it names no longer, and nothing of others', async () => {
      const { api } = given();
      const { uid } = (await foreign()).metadata;
      await api.apply(CONFIG_MAPS, intent(uid, { a: '1', b: '1', theirs: '1' }), FIRST);
      const fewer = unwrap(await api.apply<ConfigMap>(CONFIG_MAPS, intent(uid, { b: '2' }), FIRST));
      expect(fewer.data).to.deep.equal({ theirs: '1', b: '2' });
      const none = unwrap(await api.apply<ConfigMap>(CONFIG_MAPS, withoutData(intent(uid, {})), FIRST));
      expect(none.data).to.deep.equal({ theirs: '1' });
      expect(managers(none)).to.deep.equal([]);
    });

    it('keeps the resourceVersion when nothing changes', async () => {
      const { api } = given();
      const { uid } = (await foreign()).metadata;
      const first = unwrap(await api.apply(CONFIG_MAPS, intent(uid, { a: '1' }), FIRST));
      const again = unwrap(await api.apply(CONFIG_MAPS, intent(uid, { a: '1' }), FIRST));
      expect(again.metadata.resourceVersion).to.equal(first.metadata.resourceVersion);
    });

    it('refuses another value for what somebody else holds, and names the field', async () => {
      const { api } = given();
      const { uid } = (await foreign()).metadata;
      const cause = { reason: 'FieldManagerConflict', field: '.data.theirs' };
      expectRefusal(
        await api.apply(CONFIG_MAPS, intent(uid, { theirs: '2' }), FIRST),
        409,
        'Conflict',
        cause,
      );
      unwrap(await api.apply(CONFIG_MAPS, intent(uid, { a: '1' }), FIRST));
      const other = { reason: 'FieldManagerConflict', field: '.data.a' };
      expectRefusal(await api.apply(CONFIG_MAPS, intent(uid, { a: '2' }), SECOND), 409, 'Conflict', other);
    });

    it('loses a field that somebody else writes, and may have back one that somebody removed', async () => {
      const { api } = given();
      const { uid } = (await foreign()).metadata;
      const applied = unwrap(await api.apply<ConfigMap>(CONFIG_MAPS, intent(uid, { a: '1', b: '1' }), FIRST));
      const { b: _, ...kept } = applied.data ?? {};
      unwrap(await api.update(CONFIG_MAPS, { ...applied, data: { ...kept, a: 'x' } }));
      const cause = { reason: 'FieldManagerConflict', field: '.data.a' };
      expectRefusal(
        await api.apply(CONFIG_MAPS, intent(uid, { a: '1', b: '1' }), FIRST),
        409,
        'Conflict',
        cause,
      );
      const back = unwrap(await api.apply<ConfigMap>(CONFIG_MAPS, intent(uid, { b: '1' }), FIRST));
      expect(back.data).to.deep.equal({ theirs: '1', a: 'x', b: '1' });
    });

    it('refuses the UID of another object and a stale resourceVersion, and creates nothing under a UID', async () => {
      const { api } = given();
      const gone = '11111111-2222-3333-4444-555555555555';
      expectRefusal(await api.apply(CONFIG_MAPS, intent(gone, { a: '1' }), FIRST), 409, 'Conflict');
      const { metadata } = await foreign();
      const other = { reason: 'FieldValueInvalid', field: 'metadata.uid' };
      expectRefusal(await api.apply(CONFIG_MAPS, intent(gone, { a: '1' }), FIRST), 422, 'Invalid', other);
      const { resourceVersion, uid } = metadata;
      unwrap(await api.apply(CONFIG_MAPS, intent(uid, { a: '1' }, { resourceVersion }), FIRST));
      const stale = intent(uid, { a: '2' }, { resourceVersion });
      expectRefusal(await api.apply(CONFIG_MAPS, stale, FIRST), 409, 'Conflict');
    });
  });
}

function withoutData({ data: _, ...rest }: ConfigMap): ConfigMap {
  return rest;
}
