import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import type { KubernetesObject } from '../../src/ports/kubernetes.ts';
import { SECRETS } from '../support/memory-cluster/index.ts';
import { baseSpec, ENDPOINT, NAMESPACE, Simulation, STORE_HOST, VAULT } from '../support/simulation.ts';

const NAME = 'orders-store';
const place = { type: SECRETS, namespace: NAMESPACE, name: NAME };
const identity = { connectionString: { secretRef: { name: NAME } } };
const TEXT = `Endpoint=${ENDPOINT};Id=abc;Secret=c2VjcmV0`;

async function write(simulation: Simulation, connectionString: string): Promise<void> {
  await simulation.cluster.admin.delete(place, {});
  const data = { connectionString: Buffer.from(connectionString).toString('base64') };
  const metadata = { namespace: NAMESPACE, name: NAME };
  simulation.cluster.seed(SECRETS, { metadata, data } as KubernetesObject);
}

async function started(spec: Partial<BindingSpec>, text = TEXT): Promise<Simulation> {
  const simulation = new Simulation();
  const { azure } = simulation;
  azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  azure.setSecret(VAULT, 'db', { value: 's3cret' });
  azure.grant(NAME, STORE_HOST);
  await write(simulation, text);
  await simulation.apply({ ...baseSpec, identity, ...spec });
  simulation.start();
  return simulation;
}

describe('a binding with a connection string', () => {
  it('reads the store with its access key, and needs no ServiceAccount', async () => {
    const simulation = await started({});
    await simulation.untilReady();
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
    const expected = { kind: 'ConnectionString', secretName: NAME };
    expect(simulation.binding()?.status?.identity).to.deep.equal(expected);
  });

  it('reads vaults only as an identity of their own, and says so when the first reference appears', async () => {
    const simulation = await started({});
    await simulation.untilReady();
    simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
    await simulation.untilReason('InvalidSpec');
    expect(simulation.condition('Ready')?.message).to.equal(
      'key "password": a connection string reads no vault: set spec.keyVault.identity, or select no Key Vault references',
    );
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
    expect(simulation.azure.calls.filter(({ kind }) => kind === 'secret')).to.deep.equal([]);
    const keyVault = { identity: baseSpec.identity };
    await simulation.apply({ ...baseSpec, identity, keyVault } as BindingSpec);
    await simulation.untilReady();
    expect(simulation.secretData()).to.deep.equal({ password: 's3cret' });
  });

  it('recovers by itself when the reference goes away again', async () => {
    const simulation = await started({});
    simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
    await simulation.untilReason('InvalidSpec');
    simulation.azure.delete(ENDPOINT, 'password');
    await simulation.untilReady();
  });

  it('is told that its Secret is of another store, or garbled, and recovers by itself', async () => {
    const simulation = await started({}, TEXT.replace('contoso', 'other'));
    await simulation.untilReason('CredentialSecretInvalid');
    expect(simulation.condition('Ready')?.message).to.equal(
      `Secret shop/orders-store: its connection string is of another store than spec.store.endpoint (${ENDPOINT}): correct either`,
    );
    expect(simulation.azure.calls).to.deep.equal([]);
    await write(simulation, 'hunter2');
    await simulation.until(() =>
      (simulation.condition('Ready')?.message ?? '').includes('its key connectionString is not of the form'),
    );
    expect(JSON.stringify(simulation.binding())).not.to.include('hunter2');
    await write(simulation, TEXT);
    await simulation.untilReady();
  });

  it('is refused where the binding names no store', async () => {
    const simulation = await started({});
    await simulation.untilReady();
    const { target } = baseSpec;
    const keyVault = { identity: baseSpec.identity, secrets: [{ vault: VAULT, name: 'db' }] };
    await simulation.apply({ identity, target, keyVault } as BindingSpec);
    await simulation.untilReason('InvalidSpec');
    expect(simulation.condition('Ready')?.message).to.include(
      'the binding names none: set spec.store.endpoint',
    );
  });
});
