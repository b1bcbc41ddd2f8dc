import { expect } from 'chai';
import { readerOf } from '../support/memory-azure.ts';
import { SERVICE_ACCOUNTS } from '../support/memory-cluster/index.ts';
import { baseSpec, ENDPOINT, NAMESPACE, Simulation, STORE_HOST, TENANT_ID } from '../support/simulation.ts';

const CLIENTS = Array.from({ length: 5 }, (_, n) => `${n}1111111-1111-4111-8111-111111111111`);
const HOURS = 3;

/** One binding for each of five identities, all on one selection. */
async function start(): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  for (const [n, clientId] of CLIENTS.entries()) {
    const annotations = {
      'azure.workload.identity/client-id': clientId,
      'azure.workload.identity/tenant-id': TENANT_ID,
    };
    const name = `orders-${n}`;
    simulation.cluster.seed(SERVICE_ACCOUNTS, { metadata: { namespace: NAMESPACE, name, annotations } });
    simulation.azure.grant(clientId, STORE_HOST);
    const identity = { workloadIdentity: { serviceAccountName: name } };
    await simulation.apply({ ...baseSpec, identity, target: { configMap: { name } } }, name);
  }
  simulation.start();
  for (const n of CLIENTS.keys()) await simulation.untilReady(`orders-${n}`);
  return simulation;
}

describe('a selection that several identities share', () => {
  it('is polled as each of them in turn, once per interval for all', async () => {
    const simulation = await start();
    const from = simulation.azure.calls.length;
    await simulation.clock.advance(HOURS * 3_600_000);
    const calls = simulation.azure.calls.slice(from);
    expect(calls.filter(({ kind }) => kind !== 'head')).to.deep.equal([]);
    const heads = CLIENTS.map((id) => calls.filter(({ identity }) => readerOf(identity) === id).length);
    const polls = HOURS * 120;
    for (const count of heads) expect(count).to.be.within(polls / 10, polls / 3);
    // Whoever polls proves itself by that: proofs of their own are rarely needed.
    expect(calls.length).to.be.at.most(polls * 1.05);
  });
});
