import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { readerOf } from '../support/memory-azure.ts';
import { SERVICE_ACCOUNTS } from '../support/memory-cluster/index.ts';
import {
  baseSpec,
  CLIENT_ID,
  ENDPOINT,
  NAMESPACE,
  Simulation,
  STORE_HOST,
  TENANT_ID,
  VAULT,
} from '../support/simulation.ts';

const OTHER_VAULT = 'platform.vault.azure.net';
const VAULT_CLIENT = '33333333-3333-3333-3333-333333333333';
const OTHER_CLIENT = '44444444-4444-4444-4444-444444444444';
const account = (serviceAccountName: string) => ({ workloadIdentity: { serviceAccountName } });

/** A store with references to two vaults, and a ServiceAccount for each vault that may read nothing else. */
function arranged(): Simulation {
  const simulation = new Simulation();
  const { azure, cluster } = simulation;
  azure.revoke(CLIENT_ID, VAULT);
  azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  for (const [vault, client, name] of [
    [VAULT, VAULT_CLIENT, 'vault-reader'],
    [OTHER_VAULT, OTHER_CLIENT, 'platform-reader'],
  ] as const) {
    azure.setSecret(vault, 'db', { value: `s3cret of ${vault}` });
    azure.setReference(ENDPOINT, vault.split('.')[0] ?? '', { vault, name: 'db' });
    azure.grant(client, vault);
    const annotations = {
      'azure.workload.identity/client-id': client,
      'azure.workload.identity/tenant-id': TENANT_ID,
    };
    cluster.seed(SERVICE_ACCOUNTS, { metadata: { namespace: NAMESPACE, name, annotations } });
  }
  return simulation;
}

async function started(spec: Partial<BindingSpec>, flags: readonly string[] = []): Promise<Simulation> {
  const simulation = arranged();
  await simulation.apply({ ...baseSpec, ...spec });
  simulation.start(() => 'proceed', flags);
  return simulation;
}

const ownVaults = {
  keyVault: {
    identity: account('vault-reader'),
    vaults: [{ host: OTHER_VAULT, identity: account('platform-reader') }],
  },
} satisfies Partial<BindingSpec>;

/** Who asked which host, each once. */
const readers = ({ azure }: Simulation): readonly string[] =>
  [...new Set(azure.calls.map(({ host, identity }) => `${host} ${readerOf(identity)}`))].sort();

const failedKeys = (simulation: Simulation) =>
  (simulation.binding()?.status?.references?.failed ?? []).map(({ key, reason }) => [key, reason]);

describe('the identities of vaults', () => {
  it('read the vaults, each its own, and the store stays with the identity of the binding', async () => {
    const simulation = await started(ownVaults);
    await simulation.untilReady();
    expect(simulation.secretData()).to.deep.equal({
      contoso: `s3cret of ${VAULT}`,
      platform: `s3cret of ${OTHER_VAULT}`,
    });
    const asked = [
      `${STORE_HOST} ${CLIENT_ID}`,
      `${VAULT} ${VAULT_CLIENT}`,
      `${OTHER_VAULT} ${OTHER_CLIENT}`,
    ];
    expect(readers(simulation)).to.deep.equal(asked.toSorted());
    simulation.azure.calls.length = 0;
    await simulation.clock.advance(600_000);
    expect(readers(simulation)).to.deep.equal(asked.toSorted());
  });

  it('are followed when the annotation of their ServiceAccount changes', async () => {
    const simulation = await started(ownVaults);
    await simulation.untilReady();
    await simulation.cluster.admin.mergePatch(
      { type: SERVICE_ACCOUNTS, namespace: NAMESPACE, name: 'platform-reader' },
      { metadata: { annotations: { 'azure.workload.identity/client-id': CLIENT_ID } } },
    );
    await simulation.untilReason('VaultForbidden');
    expect(failedKeys(simulation)).to.deep.equal([['platform', 'VaultForbidden']]);
    simulation.azure.grant(CLIENT_ID, OTHER_VAULT);
    await simulation.untilReady();
  });

  it('are missing for their own references only, and these recover by themselves', async () => {
    const simulation = await started(ownVaults);
    await simulation.untilReady();
    const place = { type: SERVICE_ACCOUNTS, namespace: NAMESPACE, name: 'platform-reader' };
    const before = simulation.cluster.read(place);
    await simulation.cluster.admin.delete(place, {});
    await simulation.untilReason('ServiceAccountNotFound');
    expect(failedKeys(simulation)).to.deep.equal([['platform', 'ServiceAccountNotFound']]);
    expect(simulation.condition('Ready')?.message).to.include(
      'spec.keyVault.vaults[0].identity.workloadIdentity.serviceAccountName',
    );
    expect(simulation.condition('SettingsFetched')?.status).to.equal('True');
    expect(simulation.secretData()).to.have.property('platform', `s3cret of ${OTHER_VAULT}`);
    simulation.azure.setSecret(VAULT, 'db', { value: 'rotated' });
    await simulation.until(() => simulation.secretData()['contoso'] === 'rotated');
    const { namespace = '', name = '', annotations = {} } = before?.metadata ?? {};
    simulation.cluster.seed(SERVICE_ACCOUNTS, { metadata: { namespace, name, annotations } });
    await simulation.untilReady();
  });
});

describe('allowed vaults', () => {
  const everywhere = { keyVault: { ...ownVaults.keyVault, allowedVaults: ['*.vault.azure.net'] } };

  it('of the binding are read and no others, for which nobody is asked', async () => {
    const simulation = await started({ keyVault: { ...ownVaults.keyVault, allowedVaults: [VAULT] } });
    await simulation.untilReason('VaultNotAllowed');
    expect(failedKeys(simulation)).to.deep.equal([['platform', 'VaultNotAllowed']]);
    expect(simulation.azure.calls.filter(({ host }) => host === OTHER_VAULT)).to.deep.equal([]);
    await simulation.apply({ ...baseSpec, ...everywhere });
    await simulation.untilReady();
    expect(simulation.secretData()).to.have.property('platform', `s3cret of ${OTHER_VAULT}`);
  });

  it('of the operator hold for every binding, whatever it says itself', async () => {
    const simulation = await started(everywhere, ['--allowed-vaults=contoso*.vault.azure.net']);
    await simulation.untilReason('VaultNotAllowed');
    expect(simulation.condition('Ready')?.message).to.include("the operator's setting allowed-vaults");
    expect(simulation.azure.calls.filter(({ host }) => host === OTHER_VAULT)).to.deep.equal([]);
  });

  for (const [title, version] of [
    ['that are due', false],
    ['with a version, which are never due', true],
  ] as const)
    it(`are told when they are narrowed for secrets ${title}; last values stay`, async () => {
      const simulation = arranged();
      const fixed = simulation.azure.setSecret(OTHER_VAULT, 'db', { value: 'fixed' });
      const reference = { vault: OTHER_VAULT, name: 'db', ...(version ? { version: fixed } : {}) };
      simulation.azure.setReference(ENDPOINT, 'platform', reference);
      await simulation.apply({ ...baseSpec, ...ownVaults });
      simulation.start();
      await simulation.untilReady();
      await simulation.stop();
      simulation.azure.calls.length = 0;
      simulation.start(() => 'proceed', [`--allowed-vaults=${VAULT}`]);
      await simulation.untilReason('VaultNotAllowed', 'Ready', 'orders', 60_000);
      expect(simulation.secretData()).to.have.property('platform', 'fixed');
      await simulation.clock.advance(900_000);
      expect(simulation.azure.calls.filter(({ host }) => host === OTHER_VAULT)).to.deep.equal([]);
      await simulation.stop();
      simulation.start();
      await simulation.untilReady();
    });

  it('are told after an edit, although nothing else has changed', async () => {
    const simulation = await started(ownVaults);
    await simulation.untilReady();
    await simulation.apply({ ...baseSpec, keyVault: { ...ownVaults.keyVault, allowedVaults: [VAULT] } });
    await simulation.untilReason('VaultNotAllowed', 'Ready', 'orders', 10_000);
  });

  it('are of the cloud of the store', async () => {
    const simulation = await started(everywhere);
    simulation.azure.setReference(ENDPOINT, 'elsewhere', { vault: 'contoso.vault.azure.cn', name: 'db' });
    await simulation.untilReason('InvalidReference');
    expect(simulation.condition('Ready')?.message).to.include(
      "its vault lies under no domain of Key Vault in the store's cloud (vault.azure.net)",
    );
  });
});
