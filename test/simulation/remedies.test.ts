import { expect } from 'chai';
import { blocked, type Failure } from '../../src/domain/failure.ts';
import { grantStore, grantVault } from '../../src/domain/remedies/access.ts';
import { withRemedy } from '../../src/domain/remedies/remedy.ts';
import { baseSpec, CLIENT_ID, ENDPOINT, Simulation, VAULT } from '../support/simulation.ts';

const OTHER = 'other.vault.azure.net';

const storeRefusal = withRemedy(
  blocked('StoreForbidden', 'No role.'),
  grantStore({ clientId: CLIENT_ID }, ENDPOINT),
);
const vaultRefusal = (vault: string): Failure =>
  withRemedy(
    blocked('VaultForbidden', `No role in ${vault}.`),
    grantVault({ clientId: CLIENT_ID }, vault, 'rbac'),
  );

/** Synchronised, with three references in two vaults. */
async function settled(): Promise<Simulation> {
  const simulation = new Simulation();
  const { azure, clock } = simulation;
  azure.grant(CLIENT_ID, OTHER);
  azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  for (const [key, vault] of Object.entries({ one: VAULT, two: VAULT, three: OTHER })) {
    azure.setSecret(vault, key, { value: key });
    azure.setReference(ENDPOINT, key, { vault, name: key });
  }
  await simulation.apply(baseSpec);
  simulation.start();
  await clock.advance(30_000);
  return simulation;
}

const remedies = (simulation: Simulation) => simulation.binding()?.status?.remedies;
describe('status.remedies', () => {
  it('tells what to run while the store refuses, and goes when it does no more', async () => {
    const simulation = await settled();
    expect(remedies(simulation)).to.equal(undefined);
    simulation.azure.fault = (kind) => (kind === 'secret' ? undefined : storeRefusal);
    await simulation.clock.advance(60_000);
    expect(remedies(simulation)?.map(({ reason }) => reason)).to.deep.equal(['StoreForbidden']);
    expect(simulation.condition('Ready')?.message).to.include('status.remedies');
    simulation.azure.fault = () => undefined;
    await simulation.clock.advance(60_000);
    expect(simulation.condition('Ready')?.status).to.equal('True');
    expect(remedies(simulation)).to.equal(undefined);
  });

  it('holds one remedy for each vault that refuses, however many references fail', async () => {
    const simulation = await settled();
    simulation.azure.fault = (kind, host) => (kind === 'secret' ? vaultRefusal(host) : undefined);
    await simulation.clock.advance(600_000);
    const scopes = remedies(simulation)?.map(({ commands }) => /--name (\w+)/.exec(commands.join())?.[1]);
    expect(scopes?.toSorted()).to.deep.equal(['contoso', 'other']);
    simulation.azure.fault = (kind, host) =>
      kind === 'secret' && host === OTHER ? vaultRefusal(host) : undefined;
    await simulation.clock.advance(120_000);
    expect(remedies(simulation)).to.have.length(1);
  });

  it('is not written again while nothing changes, and is the same of the next process', async () => {
    const simulation = await settled();
    simulation.azure.fault = (kind, host) => (kind === 'secret' ? vaultRefusal(host) : undefined);
    await simulation.clock.advance(900_000);
    const version = simulation.binding()?.metadata.resourceVersion;
    await simulation.clock.advance(900_000);
    expect(simulation.binding()?.metadata.resourceVersion).to.equal(version);
    const before = remedies(simulation);
    await simulation.stop();
    simulation.start();
    await simulation.clock.advance(900_000);
    expect(remedies(simulation)).to.deep.equal(before);
  });
});
