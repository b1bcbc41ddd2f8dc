import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { baseSpec, CLIENT_ID, ENDPOINT, Simulation, VAULT } from '../support/simulation.ts';

const other = { vault: VAULT, name: 'other' };

/** At rest with two references, `password` → db and `token` → other, and one plain setting. */
async function running(spec: BindingSpec = baseSpec): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: 'db-1' });
  simulation.azure.setSecret(VAULT, 'other', { value: 'other-1' });
  simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  simulation.azure.setReference(ENDPOINT, 'token', other);
  await simulation.apply(spec);
  simulation.start();
  await simulation.untilReady();
  await simulation.until(() => simulation.condition('RolloutsComplete') !== undefined, 15_000);
  return simulation;
}

const refresh = (simulation: Simulation, token: string): Promise<void> =>
  simulation.apply(simulation.binding()?.spec ?? baseSpec, 'orders', { 'appconfig.dev/refresh': token });

describe('Key Vault references', () => {
  it('keep their last value when one fails, and the others go on', async () => {
    const simulation = await running();
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-2', disabled: true });
    simulation.azure.setSecret(VAULT, 'other', { value: 'other-2' });
    await refresh(simulation, '1');
    await simulation.untilReason('SecretDisabled');
    expect(simulation.secretData()).to.deep.equal({ password: 'db-1', token: 'other-2' });
    expect(simulation.condition('SecretsResolved')?.status).to.equal('False');
    expect(simulation.condition('TargetsApplied')?.status).to.equal('True');
    const references = simulation.binding()?.status?.references;
    expect(references?.resolved).to.equal(1);
    expect(
      references?.failed?.map(({ key, vault, secret, reason }) => [key, vault, secret, reason]),
    ).to.deep.equal([['password', VAULT, 'db', 'SecretDisabled']]);
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-3' });
    await simulation.untilReady();
    expect(simulation.secretData()).to.deep.equal({ password: 'db-3', token: 'other-2' });
  });

  it('keep no value of another secret: a reference that now names a missing one loses its key', async () => {
    const simulation = await running();
    simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'missing' });
    await simulation.untilReason('SecretNotFound');
    expect(simulation.secretData()).to.deep.equal({ token: 'other-1' });
    expect(simulation.condition('Ready')?.message).to.contain('correct the reference in the store');
  });

  it('block the first creation of both targets until each has a value', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
    await simulation.apply(baseSpec);
    simulation.start();
    await simulation.untilReason('SecretNotFound');
    expect(simulation.configMap()).to.equal(undefined);
    expect(simulation.secret()).to.equal(undefined);
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-1' });
    await simulation.untilReady();
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
    expect(simulation.secretData()).to.deep.equal({ password: 'db-1' });
  });

  for (const format of ['KeyValue', 'Json'] as const) {
    it(`leave a plain value in place (${format}) until the reference that replaces it resolves`, async () => {
      const configMap = format === 'Json' ? { name: 'orders-config', format } : { name: 'orders-config' };
      const simulation = await running({
        ...baseSpec,
        target: { configMap, secret: { name: 'orders-secrets' } },
      });
      const held = () => {
        const data = simulation.configMap()?.data ?? {};
        return format === 'Json' ? JSON.parse(data['settings.json'] ?? '{}') : data;
      };
      simulation.azure.setReference(ENDPOINT, 'color', { vault: VAULT, name: 'color' });
      simulation.azure.set(ENDPOINT, { key: 'size', value: 'L' });
      await simulation.untilReason('SecretNotFound');
      expect(held()).to.deep.equal({ color: 'blue', size: 'L' });
      simulation.azure.setSecret(VAULT, 'color', { value: 'red' });
      await simulation.untilReady();
      expect(held()).to.deep.equal({ size: 'L' });
      expect(simulation.secretData()['color']).to.equal('red');
    });
  }

  it('hold back restarts while a key has no value yet', async () => {
    const simulation = await running();
    await simulation.addDeployment('web');
    await simulation.clock.advance(400_000);
    simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'missing' });
    await simulation.untilReason('SecretNotFound');
    await simulation.clock.advance(60_000);
    expect(simulation.deployment('web')?.metadata.generation).to.equal(1);
    simulation.azure.setSecret(VAULT, 'missing', { value: 'found' });
    await simulation.until(() => simulation.deployment('web')?.metadata.generation === 2);
  });

  it('with a version are read once, those without one on their interval', async () => {
    const simulation = new Simulation();
    const version = simulation.azure.setSecret(VAULT, 'db', { value: 'pinned' });
    simulation.azure.setSecret(VAULT, 'other', { value: 'newest' });
    simulation.azure.setReference(ENDPOINT, 'pinned', { vault: VAULT, name: 'db', version });
    simulation.azure.setReference(ENDPOINT, 'newest', other);
    await simulation.apply(baseSpec);
    simulation.start();
    await simulation.untilReady();
    await simulation.clock.advance(16 * 60_000);
    const reads = simulation.azure.calls
      .filter(({ kind }) => kind === 'secret')
      .map(({ reference }) => reference?.name);
    expect(reads.filter((name) => name === 'db')).to.have.length(1);
    expect(reads.filter((name) => name === 'other')).to.have.length(4);
  });

  it('take over what the Secret holds when only settings changed', async () => {
    const simulation = await running();
    simulation.azure.calls.length = 0;
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.until(() => simulation.configMap()?.data?.['color'] === 'green');
    expect(simulation.azure.calls.filter(({ kind }) => kind === 'secret')).to.deep.equal([]);
  });

  it('are told when their vault forbids them, with the remedy, and recover by themselves', async () => {
    const simulation = await running();
    simulation.azure.revoke(CLIENT_ID, VAULT);
    await refresh(simulation, '1');
    await simulation.untilReason('VaultForbidden');
    expect(simulation.secretData()).to.deep.equal({ password: 'db-1', token: 'other-1' });
    simulation.azure.grant(CLIENT_ID, VAULT);
    await simulation.untilReady();
  });

  it('without a Secret to put them in make the binding say which field is missing', async () => {
    const simulation = await running();
    await simulation.apply({ ...baseSpec, target: { configMap: { name: 'orders-config' } } });
    await simulation.untilReason('SecretTargetMissing');
    expect(simulation.condition('Ready')?.message).to.contain('spec.target.secret.name');
    expect(simulation.secretData()).to.deep.equal({ password: 'db-1', token: 'other-1' });
  });

  it('that point nowhere sensible are named without their value', async () => {
    const simulation = await running();
    simulation.azure.set(ENDPOINT, {
      key: 'password',
      value: 'canary-value-that-is-no-reference',
      contentType: 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8',
    });
    await simulation.untilReason('InvalidReference');
    expect(JSON.stringify([simulation.binding(), simulation.events, simulation.logger.lines])).not.to.contain(
      'canary-value',
    );
  });

  it('to expired secrets are used, with a warning', async () => {
    const simulation = await running();
    simulation.azure.setSecret(VAULT, 'db', { value: 'old', expiresAt: simulation.clock.now() - 1 });
    await refresh(simulation, '1');
    await simulation.untilReason('SecretOutOfDate', 'Warning');
    expect(simulation.condition('Ready')?.status).to.equal('True');
    expect(simulation.secretData()['password']).to.equal('old');
  });

  it('to secrets that are not valid yet are used with a warning, which goes when their time comes', async () => {
    const simulation = await running();
    const notBefore = simulation.clock.now() + 3_600_000;
    simulation.azure.setSecret(VAULT, 'db', { value: 'early', notBefore });
    await refresh(simulation, '1');
    await simulation.untilReason('SecretOutOfDate', 'Warning');
    expect(simulation.condition('Warning')?.message).to.contain('"password" is not yet valid');
    expect(simulation.condition('Ready')?.status).to.equal('True');
    expect(simulation.secretData()['password']).to.equal('early');
    await simulation.until(() => simulation.condition('Warning') === undefined, 3_700_000);
    expect(simulation.clock.now()).to.be.at.least(notBefore);
  });
});

describe('Key Vault references with onError Fail', () => {
  const failing: BindingSpec = { ...baseSpec, keyVault: { onError: 'Fail' } };

  it('change nothing while one of them fails, and everything once it is repaired', async () => {
    const simulation = await running(failing);
    const before = [simulation.configMap(), simulation.secret()];
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-2', disabled: true });
    simulation.azure.setSecret(VAULT, 'other', { value: 'other-2' });
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await refresh(simulation, '1');
    await simulation.untilReason('SecretDisabled');
    await simulation.clock.advance(20 * 60_000);
    expect([simulation.configMap(), simulation.secret()]).to.deep.equal(before);
    expect(simulation.condition('SecretsResolved')?.reason).to.equal('SecretDisabled');
    expect(simulation.binding()?.status?.references?.failed?.map(({ key }) => key)).to.deep.equal([
      'password',
    ]);
    expect(simulation.binding()?.status?.secrets).to.equal(2);
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-3' });
    await simulation.untilReady();
    expect(simulation.secretData()).to.deep.equal({ password: 'db-3', token: 'other-2' });
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'green' });
  });

  it('stay failed while nothing else changes, and write nothing meanwhile', async () => {
    const simulation = await running(failing);
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-2', disabled: true });
    await simulation.untilReason('SecretDisabled');
    const version = simulation.binding()?.metadata.resourceVersion;
    await simulation.clock.advance(30 * 60_000);
    expect(simulation.condition('Ready')?.reason).to.equal('SecretDisabled');
    expect(simulation.binding()?.metadata.resourceVersion).to.equal(version);
  });

  it('restart nothing for a change that waits', async () => {
    const simulation = await running(failing);
    await simulation.addDeployment('web');
    await simulation.clock.advance(400_000);
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-2', disabled: true });
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await refresh(simulation, '1');
    await simulation.untilReason('SecretDisabled');
    await simulation.clock.advance(20 * 60_000);
    expect(simulation.deployment('web')?.metadata.generation).to.equal(1);
  });
});
