import { expect } from 'chai';
import { entraFailure } from '../../src/adapters/azure/entra-errors.ts';
import type { Identity } from '../../src/domain/identity/identity.ts';
import { readerOf } from '../support/memory-azure.ts';
import { failWith, SERVICE_ACCOUNTS } from '../support/memory-cluster/index.ts';
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

const OTHER = '33333333-3333-3333-3333-333333333333';
const account = { type: SERVICE_ACCOUNTS, namespace: NAMESPACE, name: 'orders' };
const CLIENT = 'azure.workload.identity/client-id';
const TENANT = 'azure.workload.identity/tenant-id';
const annotations = (clientId: string) => ({ [CLIENT]: clientId, [TENANT]: TENANT_ID });

async function running(): Promise<Simulation> {
  const simulation = new Simulation();
  const { azure } = simulation;
  azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  azure.setSecret(VAULT, 'db', { value: 's3cret' });
  azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  for (const host of [STORE_HOST, VAULT]) azure.grant(OTHER, host);
  await simulation.apply(baseSpec);
  simulation.start();
  await simulation.untilReady();
  await simulation.clock.advance(20_000);
  azure.calls.length = 0;
  return simulation;
}

const REFUSAL = {
  ...{ authority: 'login.example', audience: 'aud', claims: {}, now: 0, status: 400, code: 700016 },
};

/** A binding whose ServiceAccount is annotated like this. */
async function annotated(own: Record<string, string>, flags: readonly string[] = []): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  await simulation.cluster.admin.mergePatch(account, {
    metadata: { annotations: { ...annotations(CLIENT_ID), ...own } },
  });
  await simulation.apply(baseSpec);
  simulation.start(undefined, flags);
  return simulation;
}

const uidOf = (identity: Identity) =>
  identity.kind === 'WorkloadIdentity' ? identity.serviceAccountUid : undefined;

/** Who asked the store and the vault since. */
const readers = ({ azure }: Simulation, of: (identity: Identity) => string | undefined) => [
  ...new Set(azure.calls.map(({ identity }) => of(identity))),
];

describe('the identity of a binding', () => {
  it('follows the annotation of its ServiceAccount at once, for the store and the vault', async () => {
    const simulation = await running();
    await simulation.cluster.admin.mergePatch(account, { metadata: { annotations: annotations(OTHER) } });
    await simulation.until(() => simulation.binding()?.status?.identity?.clientId === OTHER, 5_000);
    simulation.azure.calls.length = 0;
    await simulation.clock.advance(300_000);
    const clients = simulation.azure.calls.map(({ kind, identity }) => `${kind} ${readerOf(identity)}`);
    expect([...new Set(clients)].sort()).to.deep.equal([`head ${OTHER}`, `secret ${OTHER}`]);
  });

  it('is told where its ids stand when Entra does not know them: in the ServiceAccount or in the binding', async () => {
    const simulation = await running();
    simulation.azure.fault = (_kind, _host, identity) =>
      identity.kind === 'WorkloadIdentity' && identity.clientId === OTHER
        ? entraFailure({ ...REFUSAL, identity })
        : undefined;
    const says = (client: string, tenant: string) =>
      simulation.until(
        () =>
          simulation
            .condition('Ready')
            ?.message.includes(`the client id (${client}) and the tenant id (${tenant})`) === true,
      );
    const ofAccount = `ServiceAccount ${NAMESPACE}/orders`;
    await simulation.cluster.admin.mergePatch(account, { metadata: { annotations: annotations(OTHER) } });
    await says(ofAccount, ofAccount);
    const ids = { clientId: OTHER, tenantId: TENANT_ID.replace(/^./, 'e') };
    const workloadIdentity = { serviceAccountName: 'orders', ...ids };
    await simulation.apply({ ...baseSpec, identity: { workloadIdentity } });
    const field = 'spec.identity.workloadIdentity';
    await says(`${field}.clientId`, `${field}.tenantId`);
  });

  it('may read no more than its own role allows after a change of the annotation', async () => {
    const simulation = await running();
    simulation.azure.revoke(OTHER, STORE_HOST);
    await simulation.cluster.admin.mergePatch(account, { metadata: { annotations: annotations(OTHER) } });
    await simulation.untilReason('StoreForbidden');
    await simulation.cluster.admin.mergePatch(account, { metadata: { annotations: annotations(CLIENT_ID) } });
    await simulation.untilReady();
  });

  it('ends with its ServiceAccount, and is another when that is made anew', async () => {
    const simulation = await running();
    const uid = simulation.cluster.read(account)?.metadata.uid;
    await simulation.cluster.admin.delete(account, {});
    await simulation.untilReason('ServiceAccountNotFound');
    simulation.azure.calls.length = 0;
    await simulation.clock.advance(120_000);
    expect(simulation.azure.calls).to.deep.equal([]);
    expect(simulation.secretData()).to.deep.equal({ password: 's3cret' });
    const metadata = { namespace: NAMESPACE, name: 'orders', annotations: annotations(CLIENT_ID) };
    simulation.cluster.seed(SERVICE_ACCOUNTS, { metadata });
    await simulation.untilReady();
    const anew = simulation.cluster.read(account)?.metadata.uid;
    expect(anew).not.to.equal(uid);
    expect(readers(simulation, uidOf)).to.deep.equal([anew]);
  });

  it('is found though the watch of ServiceAccounts lags behind that of bindings', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    simulation.start(({ verb, resource }) =>
      verb === 'watch' && resource === 'serviceaccounts' ? new Promise(() => undefined) : 'proceed',
    );
    await simulation.clock.advance(1_000);
    const metadata = { namespace: NAMESPACE, name: 'late', annotations: annotations(CLIENT_ID) };
    simulation.cluster.seed(SERVICE_ACCOUNTS, { metadata });
    const identity = { workloadIdentity: { serviceAccountName: 'late' } };
    await simulation.apply({ ...baseSpec, identity });
    await simulation.untilReady('orders', 5_000);
    expect(simulation.events.filter(({ type }) => type === 'Warning')).to.deep.equal([]);
  });

  it('that cannot be looked up is no missing ServiceAccount', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    const error = { kind: 'status', code: 503, reason: '', causes: [] } as const;
    let away = true;
    simulation.start(({ verb, resource }) =>
      away && verb === 'get' && resource === 'serviceaccounts' ? failWith(error) : 'proceed',
    );
    const identity = { workloadIdentity: { serviceAccountName: 'absent' } };
    await simulation.apply({ ...baseSpec, identity });
    await simulation.untilReason('KubernetesUnavailable');
    away = false;
    await simulation.untilReason('ServiceAccountNotFound');
  });

  it('is of the tenant in the settings of the operator where the annotation is empty', async () => {
    const simulation = await annotated({ [TENANT]: '' }, [`--tenant-id=${TENANT_ID.toUpperCase()}`]);
    await simulation.untilReady();
    expect(simulation.binding()?.status?.identity).to.include({ tenantId: TENANT_ID });
  });

  it('is told, and not asked for, while an annotation of its ServiceAccount holds no id', async () => {
    const simulation = await annotated({ [TENANT]: '<my-tenant>' }, [`--tenant-id=${TENANT_ID}`]);
    await simulation.untilReason('TenantIdMissing');
    const { azure, cluster } = simulation;
    const told = `ServiceAccount shop/orders names no Entra tenant: its annotation ${TENANT} holds "<my-tenant>"`;
    expect(simulation.condition('Ready')?.message).to.include(told).and.include('.tenantId');
    expect(simulation.events.some(({ reason }) => reason === 'TenantIdMissing')).to.equal(true);
    expect(azure.calls).to.deep.equal([]);
    await cluster.admin.mergePatch(account, { metadata: { annotations: { [TENANT]: TENANT_ID } } });
    await simulation.untilReady('orders', 5_000);
  });

  it('keeps its status small, however long an annotation is', async () => {
    const simulation = await annotated({ [CLIENT]: 'x'.repeat(60_000), [TENANT]: 'y'.repeat(60_000) });
    await simulation.untilReason('ClientIdMissing');
    expect(simulation.condition('Ready')?.message).to.have.length.below(512);
    expect(JSON.stringify(simulation.binding()?.status)).to.have.length.below(4_096);
  });
});
