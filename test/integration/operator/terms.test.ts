import { expect } from 'chai';
import { useOperator } from '../../support/real/running.ts';
import { CONFIG_MAP, SECRET } from '../../support/real/team.ts';

/** Of all data of one object. */
const MOST_BYTES = 1_048_576;

describe('what else the spec says about targets', function () {
  this.timeout(180_000);
  const running = useOperator({ flags: ['--drift-interval=2s'] });

  it('puts labels and annotations on them, takes them off again, and leaves those of others', async () => {
    const team = await running().syncedTeam();
    const { namespace, objects } = team;
    await objects.patch('configmaps', namespace, CONFIG_MAP, { metadata: { labels: { theirs: 'x' } } });
    await team.edit({ target: { labels: { team: 'orders' }, annotations: { 'example.com/note': 'ä' } } });
    await team.untilReady();
    for (const target of [await team.configMap(), await team.secret()]) {
      expect(target?.metadata.labels).to.include({ team: 'orders' });
      expect(target?.metadata.annotations).to.include({ 'example.com/note': 'ä' });
    }
    await team.edit({ target: { labels: null, annotations: null } });
    await team.untilReady();
    for (const target of [await team.configMap(), await team.secret()]) {
      expect(target?.metadata.labels).to.not.have.property('team');
      expect(target?.metadata.annotations).to.not.have.property('example.com/note');
    }
    expect((await team.configMap())?.metadata.labels).to.include({ theirs: 'x' });
  });

  for (const full of ['ConfigMap', 'Secret']) {
    it(`says so when a ${full} would be too large together with what others keep in it`, async () => {
      const team = await running().syncedTeam();
      const metadata = { name: 'shared', labels: { 'merge.appconfig.dev/orders': 'true' } };
      for (const kind of ['ConfigMap', 'Secret']) {
        const data = { theirs: kind === full ? 'x'.repeat(MOST_BYTES - 3) : 'x' };
        const content = kind === 'Secret' ? { stringData: data } : { data };
        await team.kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind, metadata, ...content });
      }
      const shared = { configMap: { name: 'shared' }, secret: { name: 'shared' } };
      await team.edit({ target: { creationPolicy: 'Merge', ...shared } });
      const { message } = await team.untilCondition('Ready', 'False', 'TargetTooLarge');
      expect(message).to.contain(`${full} ${team.namespace}/shared: with what others keep in it`);
    });
  }

  it('keeps those that are retained when the binding goes, and the next binding adopts them', async () => {
    const team = await running().syncedTeam();
    await team.edit({ target: { deletionPolicy: 'Retain' } });
    await team.untilReady();
    const before = [(await team.configMap())?.metadata, (await team.secret())?.metadata];
    expect(before.flatMap((metadata) => metadata?.ownerReferences ?? [])).to.deep.equal([]);
    await team.objects.delete('appconfigbindings', team.namespace, 'orders');
    await team.set('color', 'green');
    await team.apply();
    await team.untilReady();
    const after = [(await team.configMap())?.metadata, (await team.secret())?.metadata];
    expect(after.map((metadata) => metadata?.uid)).to.deep.equal(before.map((metadata) => metadata?.uid));
    expect((await team.configMap())?.data).to.deep.equal({ color: 'green' });
    // Delete is the default again: they go with the binding.
    await team.objects.delete('appconfigbindings', team.namespace, 'orders');
    const gone = async () => {
      const left = [await team.configMap(), await team.secret(SECRET)];
      return left.every((target) => target === undefined);
    };
    // The garbage collector learns of a new kind only half a minute after the cluster has started.
    await team.until('the targets to go', gone, 120_000);
  });
});
