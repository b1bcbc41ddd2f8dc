import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { failWith, type Interceptor } from '../support/memory-cluster/index.ts';
import { baseSpec, ENDPOINT, Simulation, VAULT } from '../support/simulation.ts';

const short = JSON.stringify({ properties: { db: { maxLength: 4 }, color: { maxLength: 4 } } });
const gated: BindingSpec = { ...baseSpec, validate: { requiredKeys: ['db'], schema: { inline: short } } };

const WAYS: readonly (readonly [how: string, keyVault: BindingSpec['keyVault']])[] = [
  ['the store refers to', undefined],
  ['the binding names', { secrets: [{ vault: VAULT, name: 'db' }] }],
  ['the vault lists', { all: [{ vault: VAULT }] }],
];

async function synced(spec: BindingSpec, intercept?: Interceptor): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: 'good' });
  simulation.azure.setSecret(VAULT, 'other', { value: 'more' });
  if (spec.keyVault === undefined)
    simulation.azure.setReference(ENDPOINT, 'db', { vault: VAULT, name: 'db' });
  await simulation.apply(spec);
  simulation.start(intercept);
  await simulation.untilReady();
  await simulation.clock.advance(120_000);
  return simulation;
}

/** The reasons of Ready over half an hour, each once in a row. */
async function reasonsOf(simulation: Simulation): Promise<readonly string[]> {
  const seen: string[] = [];
  for (let n = 0; n < 90; n += 1) {
    await simulation.clock.advance(20_000);
    const { reason = '' } = simulation.condition('Ready') ?? {};
    if (seen.at(-1) !== reason) seen.push(reason);
  }
  return seen;
}

describe('a secret that changed and may not be written', () => {
  for (const [how, keyVault] of WAYS) {
    const spec = keyVault === undefined ? gated : { ...gated, keyVault };

    it(`keeps a binding from being Ready until it is right, and is told once: ${how}`, async () => {
      const simulation = await synced(spec);
      simulation.azure.setSecret(VAULT, 'db', { value: 'too long' });
      await simulation.untilReason('ValidationFailed');
      expect(await reasonsOf(simulation)).to.deep.equal(['ValidationFailed']);
      expect(simulation.secretData()['db']).to.equal('good');
      const told = simulation.events.filter(({ reason }) => reason === 'ValidationFailed');
      expect(told.length).to.equal(1);
      simulation.azure.setSecret(VAULT, 'db', { value: 'fine' });
      await simulation.untilReady('orders', 60_000);
      expect(simulation.secretData()['db']).to.equal('fine');
    });

    it(`does so for an operator that takes over, too: ${how}`, async () => {
      const simulation = await synced(spec);
      simulation.azure.setSecret(VAULT, 'db', { value: 'too long' });
      await simulation.untilReason('ValidationFailed');
      simulation.client?.kill();
      simulation.start();
      expect(await reasonsOf(simulation)).to.deep.equal(['ValidationFailed']);
    });
  }

  it('does so when the vault no longer has one that the gate requires', async () => {
    const simulation = await synced({ ...gated, keyVault: { all: [{ vault: VAULT }] } });
    simulation.azure.deleteSecret(VAULT, 'db');
    await simulation.untilReason('ValidationFailed');
    expect(await reasonsOf(simulation)).to.deep.equal(['ValidationFailed']);
  });

  it('does so when it is the API server that refuses', async () => {
    const denied = { kind: 'status', code: 403, reason: 'Forbidden', causes: [] } as const;
    const server = { refuses: false };
    const spec = { ...baseSpec, keyVault: { secrets: [{ vault: VAULT, name: 'db' }] } };
    const simulation = await synced(spec, ({ resource, write }) =>
      server.refuses && resource === 'secrets' && write !== undefined ? failWith(denied) : 'proceed',
    );
    server.refuses = true;
    simulation.azure.setSecret(VAULT, 'db', { value: 'new' });
    await simulation.untilReason('KubernetesDenied');
    expect(await reasonsOf(simulation)).to.deep.equal(['KubernetesDenied']);
  });

  it('is not read more often than before where it is a setting that the gate refuses', async () => {
    const simulation = await synced({ ...gated, keyVault: { secrets: [{ vault: VAULT, name: 'db' }] } });
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'too long' });
    await simulation.untilReason('ValidationFailed');
    const reads = () => simulation.azure.calls.filter(({ kind }) => kind === 'secret').length;
    const before = reads();
    await simulation.clock.advance(3_000_000);
    expect(reads() - before).to.be.at.most(11);
  });
});
