import { expect } from 'chai';
import { blocked } from '../../src/domain/failure.ts';
import type { KubernetesObject } from '../../src/ports/kubernetes.ts';
import { SECRETS } from '../support/memory-cluster/index.ts';
import {
  baseSpec,
  CLIENT_ID,
  ENDPOINT,
  NAMESPACE,
  Simulation,
  TENANT_ID,
  VAULT,
} from '../support/simulation.ts';

const place = { type: SECRETS, namespace: NAMESPACE, name: 'orders-sp' };
const identity = { servicePrincipal: { secretRef: { name: 'orders-sp' } } };

/** Creates or changes the Secret; null removes a key. */
async function write(simulation: Simulation, texts: Record<string, string | null>): Promise<void> {
  const coded = Object.entries(texts).map(([key, text]) => [
    key,
    text === null ? null : Buffer.from(text).toString('base64'),
  ]);
  const data: object = Object.fromEntries(coded);
  const { admin } = simulation.cluster;
  const exists = simulation.cluster.read(place) !== undefined;
  const metadata = { namespace: NAMESPACE, name: 'orders-sp' };
  const result = exists
    ? await admin.mergePatch(place, { data })
    : await admin.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata, data } as KubernetesObject);
  expect(result.ok).to.equal(true);
}

/** Azure knows `secret` and no other. */
function accept(simulation: Simulation, secret: string): void {
  simulation.azure.fault = (_kind, _host, reader) => {
    if (reader.kind !== 'ServicePrincipal') return undefined;
    const credential = reader.credential.reveal();
    if (credential.kind === 'secret' && credential.secret === secret) return undefined;
    return blocked('ClientSecretRejected', 'Entra does not know the clientSecret');
  };
}

async function running(): Promise<Simulation> {
  const simulation = new Simulation();
  const { azure } = simulation;
  azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  azure.setSecret(VAULT, 'db', { value: 's3cret' });
  azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  accept(simulation, 'first');
  await write(simulation, { clientId: CLIENT_ID, tenantId: TENANT_ID, clientSecret: 'first' });
  await simulation.apply({ ...baseSpec, identity });
  simulation.start();
  await simulation.untilReady();
  return simulation;
}

describe('a binding with a service principal', () => {
  it('reads store and vault as the application, and says so', async () => {
    const simulation = await running();
    expect(simulation.secretData()).to.deep.equal({ password: 's3cret' });
    expect(simulation.binding()?.status?.identity).to.deep.equal({
      kind: 'ServicePrincipal',
      secretName: 'orders-sp',
      clientId: CLIENT_ID,
      tenantId: TENANT_ID,
    });
  });

  it('uses a changed Secret within its refresh interval', async () => {
    const simulation = await running();
    await write(simulation, { clientSecret: 'second' });
    accept(simulation, 'second');
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'red' });
    await simulation.until(() => simulation.configMap()?.data?.['color'] === 'red', 34_000);
    expect(simulation.condition('Ready')?.status).to.equal('True');
  });

  it('uses a changed Secret at once when a refresh is asked for', async () => {
    const simulation = await running();
    await write(simulation, { clientSecret: 'second' });
    accept(simulation, 'second');
    await simulation.apply({ ...baseSpec, identity }, 'orders', { 'appconfig.dev/refresh': '1' });
    await simulation.until(() => simulation.binding()?.status?.lastHandledRefresh === '1', 2_000);
  });

  it('keeps its targets while Entra refuses the secret, and recovers with the right one', async () => {
    const simulation = await running();
    accept(simulation, 'second');
    await simulation.untilReason('ClientSecretRejected');
    expect(simulation.secretData()).to.deep.equal({ password: 's3cret' });
    await write(simulation, { clientSecret: 'second' });
    await simulation.untilReady();
  });

  for (const [title, spoil, mend, reason, says] of [
    [
      'is missing',
      (simulation: Simulation) => simulation.cluster.admin.delete(place, {}),
      { clientId: CLIENT_ID, tenantId: TENANT_ID, clientSecret: 'first' },
      'CredentialSecretNotFound',
      'Secret shop/orders-sp does not exist: create it, or correct spec.identity.servicePrincipal.secretRef.name',
    ],
    [
      'holds no secret',
      (simulation: Simulation) => write(simulation, { clientSecret: null }),
      { clientSecret: 'first' },
      'CredentialSecretInvalid',
      'Secret shop/orders-sp: it holds no clientSecret',
    ],
    [
      'names no application',
      (simulation: Simulation) => write(simulation, { clientId: '' }),
      { clientId: CLIENT_ID },
      'ClientIdMissing',
      'add the key clientId, or set spec.identity.servicePrincipal.clientId',
    ],
    [
      'names no tenant',
      (simulation: Simulation) => write(simulation, { tenantId: null }),
      { tenantId: TENANT_ID },
      'TenantIdMissing',
      "add the key tenantId, set spec.identity.servicePrincipal.tenantId, or set the operator's --tenant-id",
    ],
  ] as const)
    it(`says that its Secret ${title}, keeps its targets, and recovers by itself`, async () => {
      const simulation = await running();
      await spoil(simulation);
      await simulation.untilReason(reason);
      expect(simulation.condition('Ready')).to.include({ status: 'False' });
      expect(simulation.condition('Stalled')?.message).to.include(says);
      expect(simulation.secretData()).to.deep.equal({ password: 's3cret' });
      await write(simulation, mend);
      await simulation.untilReady();
    });

  it('takes the ids of the binding before those of the Secret', async () => {
    const simulation = await running();
    const other = '33333333-3333-3333-3333-333333333333';
    const principal = { ...identity.servicePrincipal, clientId: other, tenantId: other };
    await simulation.apply({ ...baseSpec, identity: { servicePrincipal: principal } });
    await simulation.untilReason('StoreForbidden');
    expect(simulation.binding()?.status?.identity).to.include({ clientId: other, tenantId: other });
  });

  it('asks the API server once per refresh interval, for all bindings of the Secret together', async () => {
    const simulation = await running();
    for (const name of ['a', 'b', 'c'])
      await simulation.apply(
        { ...baseSpec, identity, target: { secret: { name: `${name}-all`, include: 'All' } } },
        name,
      );
    for (const name of ['a', 'b', 'c']) await simulation.untilReady(name);
    await simulation.stop();
    const reads: string[] = [];
    simulation.start((call) => {
      if (call.verb === 'get' && call.name === 'orders-sp') reads.push(call.verb);
      return 'proceed';
    });
    await simulation.clock.advance(600_000);
    expect(reads.length).to.be.within(18, 21);
  });
});
