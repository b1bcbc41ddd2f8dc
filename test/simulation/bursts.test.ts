import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { readerOf } from '../support/memory-azure.ts';
import { SERVICE_ACCOUNTS } from '../support/memory-cluster/index.ts';
import { ENDPOINT, NAMESPACE, Simulation, STORE_HOST, TENANT_ID, VAULT } from '../support/simulation.ts';

/** Bindings are dealt to identities in turn; each links to the same secrets. */
const BINDINGS = 60;
const IDENTITIES = 6;
const SECRETS = ['one', 'two', 'three', 'four', 'five'];
/** What would do: each secret once as each identity. */
const ONCE = IDENTITIES * SECRETS.length;
const INTERVAL_MS = 60_000;

const clientOf = (identity: number): string =>
  `11111111-1111-1111-1111-${String(identity).padStart(12, '0')}`;
const nameOf = (index: number): string => `app-${index}`;

const specOf = (index: number, interval = `${INTERVAL_MS / 1_000}s`): BindingSpec => ({
  store: { endpoint: ENDPOINT },
  identity: { workloadIdentity: { serviceAccountName: `team-${index % IDENTITIES}` } },
  keyVault: { refreshInterval: interval },
  target: { configMap: { name: `${nameOf(index)}-config` }, secret: { name: nameOf(index) } },
});

/** The first sync of all bindings, with a vault that takes its time. */
async function synchronised(): Promise<Simulation> {
  const simulation = new Simulation();
  const { azure, clock, cluster } = simulation;
  azure.delay = () => clock.sleep(20);
  azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  const version = azure.setSecret(VAULT, 'pinned', { value: 'pinned' });
  azure.setReference(ENDPOINT, 'pinned', { vault: VAULT, name: 'pinned', version });
  for (const name of SECRETS) {
    azure.setSecret(VAULT, name, { value: 'first' });
    azure.setReference(ENDPOINT, name, { vault: VAULT, name });
  }
  for (let identity = 0; identity < IDENTITIES; identity += 1) {
    const annotations = {
      'azure.workload.identity/client-id': clientOf(identity),
      'azure.workload.identity/tenant-id': TENANT_ID,
    };
    cluster.seed(SERVICE_ACCOUNTS, {
      metadata: { namespace: NAMESPACE, name: `team-${identity}`, annotations },
    });
    for (const host of [STORE_HOST, VAULT]) azure.grant(clientOf(identity), host);
  }
  for (let index = 0; index < BINDINGS; index += 1) await simulation.apply(specOf(index), nameOf(index));
  simulation.start();
  await clock.advance(20_000);
  return simulation;
}

/** At rest, all bindings in step. */
async function settled(): Promise<Simulation> {
  const simulation = await synchronised();
  await simulation.clock.advance(3 * INTERVAL_MS);
  simulation.azure.calls.length = 0;
  return simulation;
}

const reads = ({ azure }: Simulation, of: (name: string) => boolean = () => true) =>
  azure.calls.filter(({ kind, reference }) => kind === 'secret' && of(reference?.name ?? ''));
const unpinned = (name: string): boolean => name !== 'pinned';

/** How many bindings have this value for the secret `one`. */
const holders = (simulation: Simulation, value: string): number =>
  Array.from({ length: BINDINGS }, (_, index) => simulation.secretData(nameOf(index))['one']).filter(
    (held) => held === value,
  ).length;

describe('many bindings of few identities', function () {
  this.timeout(60_000);

  it('read each secret once as each identity in their first sync, whether or not it is pinned', async () => {
    const simulation = await synchronised();
    expect(holders(simulation, 'first')).to.equal(BINDINGS);
    expect(reads(simulation, unpinned)).to.have.length(ONCE);
    expect(reads(simulation)).to.have.length(ONCE + IDENTITIES);
  });

  it('read each secret that is not pinned once as each identity and interval', async () => {
    const simulation = await settled();
    await simulation.clock.advance(10 * INTERVAL_MS);
    expect(reads(simulation, unpinned)).to.have.length(10 * ONCE);
    expect(reads(simulation)).to.have.length(10 * ONCE);
  });

  it('spread the bursts of different identities over the interval', async () => {
    const simulation = await settled();
    const { azure, clock } = simulation;
    const times: number[] = [];
    azure.arrival = async (kind) => void (kind === 'secret' && times.push(clock.now()));
    await clock.advance(INTERVAL_MS);
    const first = new Set(times.map((time) => Math.floor(time / 5_000)));
    expect(first.size).to.be.at.least(IDENTITIES / 2);
    expect(Math.max(...times) - Math.min(...times)).to.be.greaterThan(INTERVAL_MS / 2);
  });

  it('follow a rotation within an interval, at the price of any other', async () => {
    const simulation = await settled();
    simulation.azure.setSecret(VAULT, 'one', { value: 'rotated' });
    await simulation.clock.advance(INTERVAL_MS + 4_000);
    expect(holders(simulation, 'rotated')).to.equal(BINDINGS);
    // Some came up again in the four seconds.
    expect(reads(simulation).length).to.be.within(ONCE, 1.5 * ONCE);
  });

  it('read nothing after a restart before the next round, which is when it would have been', async () => {
    const simulation = await settled();
    await simulation.clock.advance(INTERVAL_MS / 2);
    await simulation.stop();
    simulation.azure.calls.length = 0;
    simulation.start();
    await simulation.clock.advance(0.4 * INTERVAL_MS);
    expect(reads(simulation)).to.deep.equal([]);
    await simulation.clock.advance(3 * INTERVAL_MS);
    simulation.azure.calls.length = 0;
    await simulation.clock.advance(INTERVAL_MS);
    expect(reads(simulation)).to.have.length(ONCE);
  });

  it('bring a binding that joins later into step with the others', async () => {
    const simulation = await settled();
    await simulation.clock.advance(17_000);
    await simulation.apply({ ...specOf(0), target: { secret: { name: 'late' } } }, 'late');
    await simulation.clock.advance(3 * INTERVAL_MS);
    expect(simulation.secretData('late')['one']).to.equal('first');
    simulation.azure.calls.length = 0;
    await simulation.clock.advance(5 * INTERVAL_MS);
    expect(reads(simulation)).to.have.length(5 * ONCE);
  });

  it('keep nothing of a burst: who comes later reads for itself', async () => {
    const simulation = await settled();
    const before = () =>
      reads(simulation).filter(({ identity }) => readerOf(identity) === clientOf(0)).length;
    await simulation.clock.runUntil(() => before() === SECRETS.length);
    await simulation.clock.advance(14_000);
    simulation.azure.calls.length = 0;
    await simulation.apply({ ...specOf(0), target: { secret: { name: 'late' } } }, 'late');
    await simulation.clock.advance(1_000);
    expect(reads(simulation).filter(({ identity }) => readerOf(identity) === clientOf(0))).to.have.length(
      SECRETS.length + 1,
    );
  });

  it('see the newest when a refresh is asked for, and the others lose nothing by it', async () => {
    const simulation = await settled();
    const own = () => reads(simulation).filter(({ identity }) => readerOf(identity) === clientOf(0)).length;
    await simulation.clock.runUntil(() => own() === SECRETS.length);
    simulation.azure.setSecret(VAULT, 'one', { value: 'rotated' });
    await simulation.apply(specOf(0), nameOf(0), { 'appconfig.dev/refresh': '1' });
    await simulation.until(() => simulation.binding(nameOf(0))?.status?.lastHandledRefresh === '1', 1_000);
    expect(simulation.secretData(nameOf(0))['one']).to.equal('rotated');
    await simulation.clock.advance(INTERVAL_MS + 4_000);
    expect(holders(simulation, 'rotated')).to.equal(BINDINGS);
  });

  it('ask together, too, for what their identity may not read, and find together that it may again', async () => {
    const simulation = await settled();
    simulation.azure.revoke(clientOf(0), VAULT);
    await simulation.clock.advance(2 * INTERVAL_MS);
    const refused = () => reads(simulation).filter(({ outcome }) => outcome === 'VaultForbidden').length;
    const before = refused();
    await simulation.clock.advance(10 * INTERVAL_MS);
    // Twice a minute, as often as the store; ten bindings of their own would have asked 1,000 times.
    expect(refused() - before).to.be.within(90, 160);
    simulation.azure.grant(clientOf(0), VAULT);
    simulation.azure.setSecret(VAULT, 'one', { value: 'rotated' });
    await simulation.clock.advance(INTERVAL_MS + 4_000);
    expect(holders(simulation, 'rotated')).to.equal(BINDINGS);
    expect(refused() - before).to.be.at.most(180);
  });
});
