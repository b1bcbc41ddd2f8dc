import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { RSA } from '../support/certificates.ts';
import { SERVICE_ACCOUNTS } from '../support/memory-cluster/index.ts';
import { baseSpec, CLIENT_ID, ENDPOINT, NAMESPACE, Simulation, VAULT } from '../support/simulation.ts';

const { store: _, ...storeless } = baseSpec;
const target = { secret: { name: 'orders-secrets' } };
const spec: BindingSpec = {
  ...storeless,
  keyVault: {
    secrets: [
      { vault: 'contoso', name: 'db' },
      { vault: VAULT, name: 'api-token', key: 'token' },
    ],
  },
  target,
};

async function running(wanted: BindingSpec = spec): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.setSecret(VAULT, 'db', { value: 'db-1' });
  simulation.azure.setSecret(VAULT, 'api-token', { value: 't-1' });
  await simulation.apply(wanted);
  simulation.start();
  await simulation.untilReady();
  return simulation;
}

const calls = ({ azure }: Simulation, kind: string): number =>
  azure.calls.filter((call) => call.kind === kind).length;

describe('Secrets that the binding names itself', () => {
  it('are written without any store, and told so', async () => {
    const simulation = await running();
    expect(simulation.secretData()).to.deep.equal({ db: 'db-1', token: 't-1' });
    expect(simulation.condition('Ready')?.message).to.equal(
      '2 secrets of contoso.vault.azure.net are in Secret orders-secrets',
    );
    expect(simulation.binding()?.status?.references).to.deep.equal({ total: 2, resolved: 2 });
    expect(calls(simulation, 'head') + calls(simulation, 'read')).to.equal(0);
  });

  it('are Stale when nobody could read them for long, and the vault is named, since there is no store', async () => {
    const simulation = await running();
    await simulation.cluster.admin.delete({ type: SERVICE_ACCOUNTS, namespace: NAMESPACE, name: 'orders' });
    await simulation.untilReason('ReadsStale', 'Stale', 'orders', 1_200_000);
    expect(simulation.condition('Stale')?.message).to.match(/^contoso\.vault\.azure\.net could not be read/);
  });

  it('follow their newest version, and are asked for once per interval', async () => {
    const simulation = await running();
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-2' });
    await simulation.until(() => simulation.secretData()['db'] === 'db-2');
    simulation.azure.calls.length = 0;
    await simulation.clock.advance(20 * 60_000);
    expect(calls(simulation, 'secret')).to.be.within(6, 10);
    expect(simulation.condition('Stale')).to.equal(undefined);
  });

  it('are not read after a restart with nothing changed', async () => {
    const simulation = await running();
    await simulation.stop();
    simulation.azure.calls.length = 0;
    const writes = simulation.cluster.changes().length;
    simulation.start();
    await simulation.clock.advance(60_000);
    expect(simulation.azure.calls).to.deep.equal([]);
    expect(simulation.cluster.changes().length).to.equal(writes);
  });

  it('override settings of the store, whatever these are', async () => {
    const simulation = new Simulation();
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-1' });
    simulation.azure.setSecret(VAULT, 'api-token', { value: 't-1' });
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    simulation.azure.set(ENDPOINT, { key: 'db', value: 'plain' });
    await simulation.apply({ ...baseSpec, ...(spec.keyVault ? { keyVault: spec.keyVault } : {}) });
    simulation.start();
    await simulation.untilReady();
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
    expect(simulation.secretData()).to.deep.equal({ db: 'db-1', token: 't-1' });
  });

  it('that are not there are to be corrected in the spec, whether there is a store or not', async () => {
    for (const wanted of [spec, { ...baseSpec, ...(spec.keyVault ? { keyVault: spec.keyVault } : {}) }]) {
      const simulation = new Simulation();
      simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
      simulation.azure.setSecret(VAULT, 'db', { value: 'db-1' });
      await simulation.apply(wanted);
      simulation.start();
      await simulation.untilReason('SecretNotFound');
      const message = simulation.condition('Ready')?.message;
      expect(message).to.contain('correct spec.keyVault.secrets').and.not.contain('in the store');
    }
  });

  it('come and go with the spec', async () => {
    const simulation = await running();
    await simulation.apply({
      ...spec,
      keyVault: { secrets: [{ vault: 'contoso', name: 'db', key: 'password' }] },
    });
    await simulation.until(() => 'password' in simulation.secretData());
    expect(simulation.secretData()).to.deep.equal({ password: 'db-1' });
  });

  for (const [rights, flags] of [
    ['in the whole cluster', []],
    ['in single namespaces', [`--watch-namespaces=${NAMESPACE}`]],
  ] as const) {
    it(`come from the vault of the environment, and move with it, with rights ${rights}`, async () => {
      const simulation = new Simulation();
      for (const environment of ['dev', 'prod']) {
        const vault = `${environment}-orders.vault.azure.net`;
        simulation.azure.grant(CLIENT_ID, vault);
        simulation.azure.setSecret(vault, 'db', { value: `of ${environment}` });
      }
      const keyVault = { secrets: [{ vault: '{environment}-orders', name: 'db' }] };
      await simulation.apply({ ...storeless, keyVault, target });
      simulation.start(undefined, flags);
      await simulation.untilReason('InvalidSpec');
      expect(simulation.condition('Ready')?.message).to.contain('set spec.environment');
      await simulation.labelNamespace('dev');
      await simulation.untilReady();
      expect(simulation.secretData()).to.deep.equal({ db: 'of dev' });
      await simulation.labelNamespace('prod');
      await simulation.until(() => simulation.secretData()['db'] === 'of prod');
      await simulation.labelNamespace('evil.example');
      await simulation.untilReason('InvalidSpec');
      expect(simulation.secretData()).to.deep.equal({ db: 'of prod' });
      await simulation.labelNamespace('dev');
      await simulation.untilReady();
      expect(simulation.secretData()).to.deep.equal({ db: 'of dev' });
    });
  }

  it('of the vault of an environment can be suspended', async () => {
    const simulation = await running();
    const keyVault = { secrets: [{ vault: '{environment}', name: 'db' }] };
    await simulation.labelNamespace('contoso');
    await simulation.apply({ ...storeless, keyVault, target });
    await simulation.until(() => !('token' in simulation.secretData()));
    await simulation.untilReady();
    await simulation.apply({ ...storeless, keyVault, target, suspend: true });
    await simulation.untilReason('Suspended', 'Warning');
    expect(simulation.condition('Ready')?.status).to.equal('True');
    expect(simulation.condition('Stalled')).to.equal(undefined);
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-2' });
    await simulation.clock.advance(600_000);
    expect(simulation.secretData()).to.deep.equal({ db: 'db-1' });
    await simulation.apply({ ...storeless, keyVault, target });
    await simulation.until(() => simulation.secretData()['db'] === 'db-2');
  });

  it('stay within the vaults that the binding allows, whoever labels the namespace', async () => {
    const simulation = await running();
    const keyVault = {
      secrets: [{ vault: '{environment}-orders', name: 'db' }],
      allowedVaults: ['dev-orders.vault.azure.net'],
    };
    simulation.azure.grant(CLIENT_ID, 'other-orders.vault.azure.net');
    simulation.azure.setSecret('other-orders.vault.azure.net', 'db', { value: 'canary' });
    simulation.azure.calls.length = 0;
    await simulation.labelNamespace('other');
    await simulation.apply({ ...storeless, keyVault, target });
    await simulation.untilReason('VaultNotAllowed');
    expect(calls(simulation, 'secret')).to.equal(0);
    expect(simulation.secretData()).not.to.deep.include({ db: 'canary' });
  });

  it('can be certificates', async () => {
    const simulation = new Simulation();
    simulation.azure.setSecret(VAULT, 'web', RSA);
    const secrets = [{ vault: 'contoso', name: 'web', key: 'web-tls', type: 'kubernetes.io/tls' as const }];
    await simulation.apply({ ...storeless, keyVault: { secrets }, target });
    simulation.start();
    await simulation.untilReady();
    expect(simulation.secret('web-tls')?.type).to.equal('kubernetes.io/tls');
    expect(simulation.secretData()).to.deep.equal({});
  });

  it('keep their last value when one fails, and recover by themselves', async () => {
    const simulation = await running();
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-2', disabled: true });
    await simulation.untilReason('SecretDisabled');
    expect(simulation.secretData()).to.deep.equal({ db: 'db-1', token: 't-1' });
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-3' });
    await simulation.untilReady();
    expect(simulation.secretData()['db']).to.equal('db-3');
  });

  for (const [what, broken] of [
    ['nothing to read', { ...storeless, target }],
    ['selectors without a store', { ...spec, selectors: [{ key: '*' }] }],
  ] as const) {
    it(`make the binding say what is missing: ${what}`, async () => {
      const simulation = new Simulation();
      await simulation.apply(broken);
      simulation.start();
      await simulation.untilReason('InvalidSpec');
      expect(simulation.condition('Ready')?.message).to.contain('set store');
    });
  }
});
