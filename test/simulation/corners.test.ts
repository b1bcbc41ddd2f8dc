import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { unavailable } from '../../src/domain/failure.ts';
import {
  answerLost,
  BINDINGS,
  failWith,
  type Interceptor,
  SECRETS,
} from '../support/memory-cluster/index.ts';
import {
  baseSpec,
  CLIENT_ID,
  ENDPOINT,
  NAMESPACE,
  Simulation,
  STORE_HOST,
  VAULT,
} from '../support/simulation.ts';

/** Two things at once: each alone is easy. */

const MINUTE = 60_000;
const renamed = { configMap: { name: 'new-config' }, secret: { name: 'new-secrets' } };

/** At rest with a setting, a reference and a Deployment that is recorded. */
async function running(spec: BindingSpec = baseSpec, intercept?: Interceptor): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: 's3cret' });
  simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  await simulation.addDeployment('web');
  await simulation.apply(spec);
  simulation.start(intercept);
  await simulation.untilReady();
  await simulation.clock.advance(MINUTE);
  return simulation;
}

describe('last good content', () => {
  it('stays under its old names while renamed targets cannot be made, and goes when they are', async () => {
    const simulation = await running();
    simulation.azure.setReference(ENDPOINT, 'token', { vault: VAULT, name: 'missing' });
    await simulation.apply({ ...baseSpec, target: renamed });
    await simulation.clock.advance(20 * MINUTE);
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
    expect(simulation.secretData()).to.deep.equal({ password: 's3cret' });
    simulation.azure.setSecret(VAULT, 'missing', { value: 'found' });
    await simulation.untilReady();
    expect(simulation.secretData('new-secrets')).to.deep.equal({ password: 's3cret', token: 'found' });
    expect([simulation.configMap(), simulation.secret()]).to.deep.equal([undefined, undefined]);
    expect(simulation.binding()?.status?.targets?.map(({ name }) => name)).to.have.members([
      'new-config',
      'new-secrets',
    ]);
  });

  it('stays when the hash key is lost while the vault is unreachable', async () => {
    const simulation = await running();
    await simulation.stop();
    const ref = { type: SECRETS, namespace: 'appconfig-system', name: 'appconfig-operator-key' };
    await simulation.cluster.admin.delete(ref);
    simulation.azure.revoke(CLIENT_ID, VAULT);
    simulation.start();
    await simulation.clock.advance(20 * MINUTE);
    expect(simulation.condition('Ready')?.reason).to.equal('VaultForbidden');
    expect(simulation.secretData()).to.deep.equal({ password: 's3cret' });
    simulation.azure.grant(CLIENT_ID, VAULT);
    await simulation.untilReady();
    expect(simulation.deployment('web')?.metadata.generation).to.equal(1);
  });

  it('is not restarted into while a key has no value, however long that lasts', async () => {
    const simulation = await running();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'missing' });
    await simulation.clock.advance(60 * MINUTE);
    expect(simulation.configMap()?.data?.['color']).to.equal('green');
    expect(simulation.deployment('web')?.metadata.generation).to.equal(1);
    simulation.azure.setSecret(VAULT, 'missing', { value: 'found' });
    await simulation.untilReady();
    expect(simulation.deployment('web')?.metadata.generation).to.equal(2);
  });
});

describe('the status', () => {
  it('does not call targets applied that were never made', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'missing' });
    await simulation.apply(baseSpec);
    simulation.start();
    await simulation.untilReason('SecretNotFound');
    expect(simulation.condition('TargetsApplied')?.status).not.to.equal('True');
    expect(simulation.condition('SettingsFetched')?.status).to.equal('True');
  });

  it('does not say Suspended any more once it is not, whatever else fails', async () => {
    const simulation = await running();
    await simulation.apply({ ...baseSpec, suspend: true });
    await simulation.untilReason('Suspended', 'Warning');
    simulation.azure.revoke(CLIENT_ID, STORE_HOST);
    await simulation.apply(baseSpec);
    await simulation.untilReason('StoreForbidden');
    expect(simulation.condition('Warning')).to.equal(undefined);
  });

  it('follows an edit that is not carried out yet without calling the new spec Ready', async () => {
    const simulation = await running();
    simulation.azure.fault = () => unavailable('StoreUnreachable', 'The store cannot be reached.');
    await simulation.apply({ ...baseSpec, environment: 'prod' });
    await simulation.until(() => simulation.condition('Reconciling')?.status === 'True');
    expect(simulation.condition('Ready')).to.include({ status: 'True', observedGeneration: 1 });
    await simulation.until(() => simulation.condition('Ready')?.status === 'False');
    expect(simulation.condition('Ready')?.observedGeneration).to.equal(2);
  });

  it('says nothing about a spec whose targets someone else was writing meanwhile', async () => {
    let conflicts = 3;
    const simulation = await running(baseSpec, (call) => {
      if (call.verb !== 'update' || conflicts === 0) return 'proceed';
      conflicts -= 1;
      return failWith({ kind: 'status', code: 409, reason: 'Conflict', causes: [] });
    });
    simulation.azure.set(ENDPOINT, { key: 'prod-color', value: 'red' });
    const watched: unknown[] = [];
    await simulation.apply({ ...baseSpec, selectors: [{ key: 'prod-*' }] });
    await simulation.until(() => {
      const { status } = simulation.binding() ?? {};
      if (conflicts > 0) watched.push(status?.observedGeneration);
      return conflicts === 0 && status?.observedGeneration === 2;
    });
    expect(new Set(watched)).to.deep.equal(new Set([1]));
  });

  it('knows when content changed even if the answer to the write was lost', async () => {
    let lose = false;
    const simulation = await running(baseSpec, ({ verb, resource }) => {
      if (!lose || verb !== 'update' || resource !== 'configmaps') return 'proceed';
      lose = false;
      return answerLost({ kind: 'timeout' });
    });
    const before = simulation.binding()?.status?.lastChangeTime;
    lose = true;
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.clock.advance(2 * MINUTE);
    expect(simulation.configMap()?.data?.['color']).to.equal('green');
    expect(simulation.binding()?.status?.lastChangeTime).not.to.equal(before);
  });

  it('forgets an environment that the spec no longer names', async () => {
    const simulation = await running({ ...baseSpec, environment: 'prod' });
    expect(simulation.binding()?.status?.environment).to.equal('prod');
    await simulation.apply(baseSpec);
    await simulation.untilReady();
    expect(simulation.binding()?.status).not.to.have.property('environment');
  });

  it('forgets what a spec selected that came to nothing, also when its successor fails at first', async () => {
    const simulation = await running({ ...baseSpec, selectors: [{ key: 'color' }] });
    await simulation.apply({ ...baseSpec, target: { configMap: { name: 'orders-config' } } });
    await simulation.untilReason('SecretTargetMissing');
    expect(simulation.binding()?.status?.settings).to.equal(2);
    simulation.azure.revoke(CLIENT_ID, STORE_HOST);
    await simulation.apply({ ...baseSpec, selectors: [{ key: 'color' }] });
    await simulation.untilReason('StoreForbidden');
    simulation.azure.grant(CLIENT_ID, STORE_HOST);
    await simulation.untilReady();
    expect(simulation.binding()?.status?.settings).to.equal(1);
  });

  it('reports a bug as InternalError, once, keeps the targets and recovers', async () => {
    const simulation = await running();
    const { arrival } = simulation.azure;
    simulation.azure.arrival = () => Promise.reject(new Error('canary of a bug'));
    await simulation.untilReason('InternalError');
    await simulation.clock.advance(30 * MINUTE);
    expect(simulation.condition('Ready')?.status).to.equal('False');
    expect(simulation.events.filter(({ reason }) => reason === 'InternalError')).to.have.length(1);
    expect(JSON.stringify([simulation.binding(), simulation.events])).not.to.contain('canary');
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
    simulation.azure.arrival = arrival;
    await simulation.untilReady();
  });
});

describe('a secret outside its time', () => {
  const warned = (simulation: Simulation) => simulation.condition('Warning')?.reason;

  it('is told as long as it is used, also when only settings change', async () => {
    const simulation = await running();
    simulation.azure.setSecret(VAULT, 'db', { value: 'old', expiresAt: simulation.clock.now() - 1 });
    await simulation.untilReason('SecretOutOfDate', 'Warning');
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.clock.advance(20 * MINUTE);
    expect(simulation.configMap()?.data?.['color']).to.equal('green');
    expect(warned(simulation)).to.equal('SecretOutOfDate');
    simulation.azure.setSecret(VAULT, 'db', { value: 'new' });
    await simulation.clock.advance(10 * MINUTE);
    expect(warned(simulation)).to.equal(undefined);
  });

  it('is told when its time comes, without a change in the vault and after a restart of the operator', async () => {
    const simulation = await running();
    simulation.azure.setSecret(VAULT, 'db', { value: 'x', expiresAt: simulation.clock.now() + 30 * MINUTE });
    await simulation.clock.advance(10 * MINUTE);
    expect(warned(simulation)).to.equal(undefined);
    await simulation.stop();
    simulation.start();
    await simulation.clock.advance(25 * MINUTE);
    expect(warned(simulation)).to.equal('SecretOutOfDate');
    const writes = simulation.cluster.changes().length;
    await simulation.stop();
    simulation.start();
    await simulation.clock.advance(25 * MINUTE);
    expect(simulation.cluster.changes().slice(writes)).to.deep.equal([]);
  });
});

describe('time', () => {
  it('set back by an hour does not stop the reading', async () => {
    const simulation = await running();
    simulation.clock.setBack(60 * MINUTE);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    simulation.azure.setSecret(VAULT, 'db', { value: 'rotated' });
    await simulation.clock.advance(6 * MINUTE);
    expect(simulation.configMap()?.data?.['color']).to.equal('green');
    expect(simulation.secretData()['password']).to.equal('rotated');
  });

  it('is taken from a shortened keyVault.refreshInterval at once', async () => {
    const slow = { ...baseSpec, keyVault: { refreshInterval: '24h' } };
    const simulation = await running(slow);
    await simulation.apply({ ...slow, keyVault: { refreshInterval: '1m' } });
    simulation.azure.setSecret(VAULT, 'db', { value: 'rotated' });
    await simulation.clock.advance(2 * MINUTE);
    expect(simulation.secretData()['password']).to.equal('rotated');
  });
});

describe('two operators at once', () => {
  it('do not write old content over new, restart once and come to rest', async () => {
    const simulation = await running();
    await simulation.clock.advance(MINUTE);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    // The first one has asked the store a moment ago; the second one sees the change at once.
    const before = simulation.cluster.changes().length;
    simulation.start();
    await simulation.clock.advance(20);
    const changes = simulation.cluster.changes().slice(before);
    expect(simulation.configMap()?.data?.['color']).to.equal('green');
    expect(changes.filter(({ resource }) => resource === 'configmaps')).to.have.length(1);
    expect(changes.filter(({ resource }) => resource === 'deployments')).to.have.length(1);
    await simulation.completeRollouts('web');
    await simulation.clock.advance(10 * MINUTE);
    const written = simulation.cluster.changes().length;
    await simulation.clock.advance(10 * MINUTE);
    expect(simulation.cluster.changes().length).to.equal(written);
  });
});

describe('a deleted binding', () => {
  it('leaves nothing behind in the operator: no selection, no timer, no request', async () => {
    const simulation = new Simulation();
    simulation.start();
    await simulation.clock.advance(MINUTE);
    const timers = simulation.clock.pending;
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    for (let round = 0; round < 5; round += 1) {
      await simulation.apply(baseSpec);
      await simulation.untilReady();
      await simulation.cluster.admin.delete({ type: BINDINGS, namespace: NAMESPACE, name: 'orders' });
      await simulation.clock.advance(5 * MINUTE);
    }
    simulation.azure.calls.length = 0;
    await simulation.clock.advance(10 * MINUTE);
    expect(simulation.azure.calls).to.deep.equal([]);
    expect(simulation.metrics.values.get('selections')).to.equal(0);
    expect(simulation.clock.pending).to.be.at.most(timers + 1);
  });
});
