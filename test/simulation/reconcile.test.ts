import { expect } from 'chai';
import { baseSpec, CLIENT_ID, ENDPOINT, Simulation, STORE_HOST, VAULT } from '../support/simulation.ts';
import { kstatus } from '../support/status/kstatus.ts';

/** A running operator with one plain setting and one reference, at rest. */
async function running(flags: readonly string[] = []): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: 's3cret' });
  simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  await simulation.apply(baseSpec);
  simulation.start(() => 'proceed', flags);
  await simulation.untilReady();
  await simulation.until(() => simulation.condition('RolloutsComplete') !== undefined, 15_000);
  return simulation;
}

describe('a binding', () => {
  it('gets a ConfigMap with the settings and a Secret with what their references link to', async () => {
    const simulation = await running();
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
    expect(simulation.secretData()).to.deep.equal({ password: 's3cret' });
    const status = simulation.binding()?.status;
    expect(status?.settings).to.equal(2);
    expect(status?.secrets).to.equal(1);
    expect(status?.references).to.deep.equal({ total: 1, resolved: 1 });
    expect(status?.targets?.map(({ kind, name, keys }) => [kind, name, keys])).to.deep.equal([
      ['Secret', 'orders-secrets', 1],
      ['ConfigMap', 'orders-config', 1],
    ]);
  });

  it('says in each condition that all is well, and is settled for kstatus only then', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await simulation.apply(baseSpec);
    const seen = simulation.cluster.database.history;
    simulation.start();
    await simulation.untilReason('NoRestartNeeded', 'RolloutsComplete');
    const conditions = simulation.binding()?.status?.conditions ?? [];
    expect(conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).to.deep.equal([
      'Ready True Synced',
      'SettingsFetched True Fetched',
      'SecretsResolved True Resolved',
      'TargetsApplied True Applied',
      'RolloutsComplete True NoRestartNeeded',
    ]);
    const states = seen
      .since(0)
      .flatMap(({ type, object }) =>
        type.plural === 'appconfigbindings' && object !== undefined ? [kstatus(object)] : [],
      );
    expect(states.lastIndexOf('InProgress')).to.equal(states.indexOf('Current') - 1);
  });

  it('follows a changed setting within its refresh interval', async () => {
    const simulation = await running();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.until(() => simulation.configMap()?.data?.['color'] === 'green', 33_000);
  });

  it('follows a rotated secret within the vault refresh interval', async () => {
    const simulation = await running();
    simulation.azure.setSecret(VAULT, 'db', { value: 'rotated' });
    await simulation.until(() => simulation.secretData()['password'] === 'rotated', 300_000);
  });

  it('reads everything again when the refresh annotation changes, and echoes it', async () => {
    const simulation = await running();
    await simulation.clock.advance(1_000);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    simulation.azure.setSecret(VAULT, 'db', { value: 'rotated' });
    await simulation.apply(baseSpec, 'orders', { 'appconfig.dev/refresh': 'now-1' });
    await simulation.until(() => simulation.binding()?.status?.lastHandledRefresh === 'now-1', 2_000);
    expect(simulation.configMap()?.data?.['color']).to.equal('green');
    expect(simulation.secretData()['password']).to.equal('rotated');
  });

  it('writes nothing when nothing changes: ten intervals leave no trace in the cluster, and read no page', async () => {
    const simulation = await running();
    const writes = simulation.cluster.changes().length;
    simulation.azure.calls.length = 0;
    await simulation.clock.advance(250_000);
    expect(simulation.cluster.changes().slice(writes)).to.deep.equal([]);
    const count = (wanted: string) => simulation.azure.calls.filter(({ kind }) => kind === wanted).length;
    expect(count('head')).to.be.within(7, 9);
    expect(count('read')).to.equal(0);
    // Not a whole interval of secrets has passed.
    expect(count('secret')).to.be.at.most(1);
  });

  it('reads no page and no secret after a restart of the operator when nothing changed', async () => {
    const simulation = await running();
    await simulation.stop();
    simulation.azure.calls.length = 0;
    const writes = simulation.cluster.changes().length;
    simulation.start();
    await simulation.clock.advance(29_000);
    expect(simulation.azure.calls.map(({ kind }) => kind)).to.include('head');
    expect(simulation.azure.calls.filter(({ kind }) => kind !== 'head')).to.deep.equal([]);
    expect(simulation.cluster.changes().slice(writes)).to.deep.equal([]);
  });

  it('puts back an edited and a deleted ConfigMap at once', async () => {
    const simulation = await running();
    const ref = {
      type: { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
      namespace: 'shop',
      name: 'orders-config',
    };
    await simulation.clock.advance(15_000);
    await simulation.cluster.admin.mergePatch(ref, { data: { color: 'pink', extra: 'x' } });
    await simulation.until(() => simulation.configMap()?.data?.['color'] === 'blue', 2_000);
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
    await simulation.clock.advance(15_000);
    await simulation.cluster.admin.delete(ref);
    await simulation.until(() => simulation.configMap()?.data?.['color'] === 'blue', 2_000);
    expect(simulation.events.map(({ reason }) => reason)).to.include('TargetRepaired');
  });

  it('puts back an edited and a deleted Secret within the drift interval', async () => {
    const simulation = await running(['--drift-interval=2m']);
    const ref = {
      type: { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true },
      namespace: 'shop',
      name: 'orders-secrets',
    };
    await simulation.cluster.admin.mergePatch(ref, { data: { password: 'eA==' } });
    await simulation.until(() => simulation.secretData()['password'] === 's3cret', 160_000);
    await simulation.cluster.admin.delete(ref);
    await simulation.until(() => simulation.secretData()['password'] === 's3cret', 160_000);
  });

  it('keeps its targets and says who must do what when its role is taken away, and recovers by itself', async () => {
    const simulation = await running();
    simulation.azure.revoke(CLIENT_ID, STORE_HOST);
    await simulation.untilReason('StoreForbidden');
    expect(simulation.condition('Ready')?.status).to.equal('False');
    expect(simulation.condition('Stalled')?.status).to.equal('True');
    expect(simulation.condition('SettingsFetched')?.status).to.equal('False');
    expect(simulation.condition('TargetsApplied')?.status).to.equal('True');
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
    simulation.azure.grant(CLIENT_ID, STORE_HOST);
    await simulation.untilReady();
    expect(simulation.condition('Stalled')).to.equal(undefined);
    const warnings = simulation.events.filter(({ type }) => type === 'Warning');
    expect(warnings.map(({ reason }) => reason)).to.deep.equal(['StoreForbidden']);
  });

  it('is left alone while suspended and catches up afterwards', async () => {
    const simulation = await running();
    await simulation.apply({ ...baseSpec, suspend: true });
    await simulation.untilReason('Suspended', 'Warning');
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    simulation.azure.calls.length = 0;
    await simulation.clock.advance(3_600_000);
    expect(simulation.azure.calls).to.deep.equal([]);
    expect(simulation.configMap()?.data?.['color']).to.equal('blue');
    await simulation.apply(baseSpec);
    await simulation.until(() => simulation.configMap()?.data?.['color'] === 'green', 2_000);
    await simulation.until(() => simulation.condition('Warning') === undefined, 2_000);
  });

  it('becomes Stale when nothing could be read for ten minutes, and fresh again with the next read', async () => {
    const simulation = await running();
    simulation.azure.fault = () => ({
      kind: 'unavailable',
      reason: 'StoreUnreachable',
      message: 'no answer',
    });
    await simulation.untilReason('ReadsStale', 'Stale', 'orders', 1_200_000);
    expect(simulation.condition('Ready')?.status).to.equal('False');
    simulation.azure.fault = () => undefined;
    await simulation.untilReady();
    expect(simulation.condition('Stale')).to.equal(undefined);
  });

  it('stays Ready through two transient failures and turns with the third', async () => {
    const simulation = await running();
    let failures = 0;
    simulation.azure.fault = () => {
      failures += 1;
      return { kind: 'unavailable', reason: 'StoreUnreachable', message: 'no answer' };
    };
    await simulation.until(() => failures === 2, 120_000);
    await simulation.clock.settle();
    expect(simulation.condition('Ready')?.status).to.equal('True');
    expect(simulation.condition('Reconciling')?.status).to.equal('True');
    await simulation.untilReason('StoreUnreachable');
    simulation.azure.fault = () => undefined;
    await simulation.untilReady();
    expect(simulation.condition('Reconciling')).to.equal(undefined);
  });

  it('removes the old target when it is renamed', async () => {
    const simulation = await running();
    await simulation.apply({
      ...baseSpec,
      target: { configMap: { name: 'renamed' }, secret: { name: 'orders-secrets' } },
    });
    await simulation.untilReady();
    expect(simulation.configMap('renamed')?.data).to.deep.equal({ color: 'blue' });
    expect(simulation.configMap('orders-config')).to.equal(undefined);
    expect(simulation.binding()?.status?.targets?.map(({ name }) => name)).to.deep.equal([
      'orders-secrets',
      'renamed',
    ]);
  });

  it('never touches an object that is not ours', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    const type = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
    simulation.cluster.seed(type, {
      metadata: { namespace: 'shop', name: 'orders-config' },
      data: { mine: 'yes' },
    } as never);
    await simulation.apply(baseSpec);
    simulation.start();
    await simulation.untilReason('TargetNotOwned');
    expect(simulation.configMap()?.data).to.deep.equal({ mine: 'yes' });
    await simulation.cluster.admin.delete({ type, namespace: 'shop', name: 'orders-config' });
    await simulation.untilReady();
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
  });

  it('adopts what an earlier binding of its name left behind', async () => {
    const simulation = await running();
    const orphan = simulation.configMap();
    await simulation.cluster.admin.delete({
      type: {
        group: 'appconfig.dev',
        version: 'v1alpha1',
        kind: 'AppConfigBinding',
        plural: 'appconfigbindings',
        namespaced: true,
      },
      namespace: 'shop',
      name: 'orders',
    });
    await simulation.clock.settle();
    expect(simulation.configMap()).to.equal(undefined);
    const {
      uid: _,
      resourceVersion: __,
      ownerReferences: ___,
      ...metadata
    } = orphan?.metadata ?? { name: '' };
    const type = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
    simulation.cluster.seed(type, { ...orphan, metadata } as never);
    await simulation.apply(baseSpec);
    await simulation.untilReady();
    expect(simulation.configMap()?.metadata.ownerReferences?.[0]?.uid).to.equal(
      simulation.binding()?.metadata.uid,
    );
  });
});
