import { expect } from 'chai';
import { ANNOTATION_FORMAT, ANNOTATION_REFERENCES } from '../../src/api/names.ts';
import type { BindingSpec } from '../../src/api/schema.ts';
import { unavailable } from '../../src/domain/failure.ts';
import { SECRETS } from '../support/memory-cluster/index.ts';
import { baseSpec, ENDPOINT, NAMESPACE, Simulation, VAULT } from '../support/simulation.ts';

/** At rest with `password` → db and `json` → json. */
async function running(spec: BindingSpec = baseSpec): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: '{"password":"p-1"}' });
  simulation.azure.setSecret(VAULT, 'json', { value: '{"user":"ann"}' });
  simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  simulation.azure.setReference(ENDPOINT, 'json', { vault: VAULT, name: 'json' });
  await simulation.apply(spec);
  simulation.start();
  await simulation.untilReady();
  return simulation;
}

const LONG = { key: 'k'.repeat(240), name: 's'.repeat(100) };

/** So many references of so long names that the Secret has no room to record them all. */
async function crowded(): Promise<Simulation> {
  const simulation = new Simulation();
  for (let n = 0; n < 300; n += 1) {
    const name = `${LONG.name}-${n}`;
    simulation.azure.setSecret(VAULT, name, { value: `value ${n}` });
    simulation.azure.setReference(ENDPOINT, `${LONG.key}.${n}`, { vault: VAULT, name });
  }
  await simulation.apply(baseSpec);
  simulation.start();
  await simulation.untilReady();
  expect(simulation.secret()?.metadata.annotations).not.to.have.property(ANNOTATION_REFERENCES);
  return simulation;
}

async function forget({ cluster }: Simulation, ...names: readonly string[]): Promise<void> {
  const ref = { type: SECRETS, namespace: NAMESPACE, name: 'orders-secrets' };
  const annotations = Object.fromEntries(names.map((name) => [name, null]));
  await cluster.admin.mergePatch(ref, { metadata: { annotations } });
}

const silence = (simulation: Simulation): void => {
  simulation.azure.fault = (kind) =>
    kind === 'secret' ? unavailable('VaultUnreachable', 'The vault cannot be reached.') : undefined;
};

const file = { name: 'orders-secrets', format: 'Json', file: 's.json' } as const;
const target = { configMap: { name: 'orders-config' } };

const CASES: readonly (readonly [what: string, spec: BindingSpec, forgotten: readonly string[]])[] = [
  ['under keys of their own', baseSpec, [ANNOTATION_REFERENCES]],
  ['in a file', { ...baseSpec, target: { ...target, secret: file } }, [ANNOTATION_REFERENCES]],
  [
    'in a file of an unknown format',
    { ...baseSpec, target: { ...target, secret: file } },
    [ANNOTATION_REFERENCES, ANNOTATION_FORMAT],
  ],
  ['expanded', { ...baseSpec, keyVault: { expandJson: { keys: ['*'] } } }, [ANNOTATION_REFERENCES]],
];

describe('Key Vault references of a Secret that does not record them', () => {
  for (const [what, spec, forgotten] of CASES) {
    it(`keep all their values while their vault is away: ${what}`, async () => {
      const simulation = await running(spec);
      const before = simulation.secretData();
      silence(simulation);
      await forget(simulation, ...forgotten);
      await simulation.untilReason('VaultUnreachable', 'Ready', 'orders', 1_800_000);
      simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
      await simulation.clock.advance(1_800_000);
      expect(simulation.secretData()).to.deep.equal(before);
      expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
      expect(simulation.condition('Ready')?.message).to.contain('Secret orders-secrets does not record');
      simulation.azure.fault = () => undefined;
      await simulation.untilReady('orders', 1_800_000);
      expect(simulation.secretData()).to.deep.equal(before);
      expect(simulation.configMap()?.data).to.deep.equal({ color: 'green' });
    });
  }

  it('keep all their values when one of very many cannot be read', async () => {
    const simulation = await crowded();
    const before = simulation.secretData();
    simulation.azure.setSecret(VAULT, `${LONG.name}-7`, { value: 'new', disabled: true });
    await simulation.untilReason('SecretDisabled');
    await simulation.clock.advance(600_000);
    expect(simulation.secretData()).to.deep.equal(before);
    simulation.azure.setSecret(VAULT, `${LONG.name}-7`, { value: 'newer' });
    await simulation.untilReady();
    expect(simulation.secretData()[`${LONG.key}.7`]).to.equal('newer');
  });

  it('keep what stands while it cannot be read, and are not proven by it', async () => {
    const simulation = await running();
    silence(simulation);
    const ref = { type: SECRETS, namespace: NAMESPACE, name: 'orders-secrets' };
    const edited = Buffer.from('edited').toString('base64');
    await simulation.cluster.admin.mergePatch(ref, { data: { password: edited } });
    await simulation.untilReason('VaultUnreachable', 'Ready', 'orders', 1_800_000);
    await simulation.clock.advance(1_800_000);
    expect(simulation.secretData()).to.deep.equal({ password: 'edited', json: '{"user":"ann"}' });
    await simulation.stop();
    simulation.azure.fault = () => undefined;
    simulation.start();
    await simulation.untilReady();
    expect(simulation.secretData()['password']).to.equal('{"password":"p-1"}');
  });

  it('go on without one that the Secret has no value for', async () => {
    const simulation = await running();
    simulation.azure.setReference(ENDPOINT, 'missing', { vault: VAULT, name: 'missing' });
    await simulation.untilReason('SecretNotFound');
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-2' });
    await forget(simulation, ANNOTATION_REFERENCES);
    await simulation.until(() => simulation.secretData()['password'] === 'db-2');
    expect(simulation.secretData()).to.deep.equal({ password: 'db-2', json: '{"user":"ann"}' });
    expect(simulation.condition('Ready')?.reason).to.equal('SecretNotFound');
  });
});
