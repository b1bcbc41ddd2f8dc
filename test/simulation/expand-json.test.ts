import { expect } from 'chai';
import { ANNOTATION_REFERENCES } from '../../src/api/names.ts';
import type { BindingSpec } from '../../src/api/schema.ts';
import { unavailable } from '../../src/domain/failure.ts';
import { SECRETS } from '../support/memory-cluster/index.ts';
import { baseSpec, ENDPOINT, NAMESPACE, Simulation, VAULT } from '../support/simulation.ts';

const spec: BindingSpec = { ...baseSpec, keyVault: { expandJson: { keys: ['db*'] } } };
const db = { vault: VAULT, name: 'db' };

/** At rest with `db` → an object of user and password, and `token` → a plain secret. */
async function running(wanted: BindingSpec = spec): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: '{"user":"ann","password":"p-1"}' });
  simulation.azure.setSecret(VAULT, 'token', { value: 't-1' });
  simulation.azure.setReference(ENDPOINT, 'db', db);
  simulation.azure.setReference(ENDPOINT, 'token', { vault: VAULT, name: 'token' });
  await simulation.apply(wanted);
  simulation.start();
  await simulation.untilReady();
  return simulation;
}

const refresh = (simulation: Simulation, token: string): Promise<void> =>
  simulation.apply(simulation.binding()?.spec ?? spec, 'orders', { 'appconfig.dev/refresh': token });

const silence = (simulation: Simulation): void => {
  simulation.azure.fault = (kind) =>
    kind === 'secret' ? unavailable('VaultUnreachable', 'The vault cannot be reached.') : undefined;
};

/** At rest with `db` and `db.b`, which both give `db.b.c`; `db` also gives `db.d`. */
async function overlapping(): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'one', { value: '{"b.c":"canary one","d":"own"}' });
  simulation.azure.setSecret(VAULT, 'two', { value: '{"c":"canary two"}' });
  simulation.azure.setReference(ENDPOINT, 'db', { vault: VAULT, name: 'one' });
  simulation.azure.setReference(ENDPOINT, 'db.b', { vault: VAULT, name: 'two' });
  await simulation.apply(spec);
  simulation.start();
  await simulation.untilReady();
  return simulation;
}

const secretReads = ({ azure }: Simulation): number =>
  azure.calls.filter(({ kind }) => kind === 'secret').length;

describe('Secrets that are expanded', () => {
  it('become one key for each member, and are counted so', async () => {
    const simulation = await running();
    expect(simulation.secretData()).to.deep.equal({ 'db.password': 'p-1', 'db.user': 'ann', token: 't-1' });
    expect(simulation.binding()?.status?.references).to.deep.equal({ total: 2, resolved: 2 });
    expect(simulation.binding()?.status?.secrets).to.equal(3);
  });

  it('follow their newest version: members come and go', async () => {
    const simulation = await running();
    simulation.azure.setSecret(VAULT, 'db', { value: '{"user":"bob","host":"h"}' });
    await simulation.until(() => simulation.secretData()['db.user'] === 'bob');
    expect(simulation.secretData()).to.deep.equal({ 'db.host': 'h', 'db.user': 'bob', token: 't-1' });
  });

  it('are not read after a restart with nothing changed, nor when a setting changes', async () => {
    const simulation = await running();
    await simulation.stop();
    simulation.azure.calls.length = 0;
    simulation.start();
    await simulation.clock.advance(60_000);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.until(() => simulation.configMap()?.data?.['color'] === 'green');
    expect(secretReads(simulation)).to.equal(0);
    expect(simulation.secretData()['db.user']).to.equal('ann');
  });

  it('are made anew when the binding asks for other keys', async () => {
    const simulation = await running();
    await simulation.apply({ ...spec, keyVault: { expandJson: { keys: ['db'], separator: '__' } } });
    await simulation.until(() => 'db__user' in simulation.secretData());
    expect(simulation.secretData()).to.deep.equal({ db__password: 'p-1', db__user: 'ann', token: 't-1' });
    await simulation.apply(baseSpec);
    await simulation.until(() => 'db' in simulation.secretData());
    expect(simulation.secretData()).to.deep.equal({ db: '{"user":"ann","password":"p-1"}', token: 't-1' });
  });

  it('keep all their keys while the newest version is no object, and are never quoted', async () => {
    const simulation = await running();
    simulation.azure.setSecret(VAULT, 'db', { value: '{"user": canary-value' });
    await refresh(simulation, '1');
    await simulation.untilReason('InvalidSecretValue');
    expect(simulation.secretData()).to.deep.equal({ 'db.password': 'p-1', 'db.user': 'ann', token: 't-1' });
    const message = simulation.condition('Ready')?.message;
    expect(message).to.contain('secret db of contoso.vault.azure.net').and.to.contain('is no JSON object');
    const told = [simulation.binding(), simulation.events, simulation.logger.lines];
    expect(JSON.stringify(told)).not.to.contain('canary');
    simulation.azure.setSecret(VAULT, 'db', { value: '{"user":"eve"}' });
    await simulation.untilReady();
    expect(simulation.secretData()).to.deep.equal({ 'db.user': 'eve', token: 't-1' });
  });

  it('fail where another setting gives one of their keys', async () => {
    const simulation = await running();
    simulation.azure.set(ENDPOINT, { key: 'db.user', value: 'plain' });
    await simulation.untilReason('InvalidSecretValue');
    expect(simulation.condition('Ready')?.message).to.contain('"db.user"');
    simulation.azure.delete(ENDPOINT, 'db.user');
    await simulation.untilReady();
    expect(simulation.secretData()['db.user']).to.equal('ann');
  });

  it('are told where two of them give one key: always the value of the one whose key sorts last', async () => {
    const simulation = await overlapping();
    const told = () => {
      expect(simulation.secretData()).to.deep.equal({ 'db.b.c': 'canary two', 'db.d': 'own' });
      expect(simulation.binding()?.status?.secrets).to.equal(2);
      expect(simulation.condition('Warning')).to.include({
        reason: 'KeyCollision',
        message:
          'the secrets of "db" (one of contoso.vault.azure.net), "db.b" (two of contoso.vault.azure.net) are expanded and all give key "db.b.c"; that of "db.b" is used',
      });
    };
    told();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.until(() => simulation.configMap()?.data?.['color'] === 'green');
    told();
    simulation.azure.setSecret(VAULT, 'one', { value: '{"d":"own"}' });
    await simulation.until(() => simulation.condition('Warning') === undefined);
    expect(simulation.secretData()).to.deep.equal({ 'db.b.c': 'canary two', 'db.d': 'own' });
  });

  it('keep what only they give when they cannot be read, where two of them give one key', async () => {
    const simulation = await overlapping();
    silence(simulation);
    await simulation.untilReason('VaultUnreachable');
    await simulation.clock.advance(900_000);
    expect(simulation.secretData()).to.deep.equal({ 'db.b.c': 'canary two', 'db.d': 'own' });
    expect(simulation.condition('Warning')?.reason).to.equal('KeyCollision');
  });

  it('keep it also where the Secret was written by an operator that counted the lost value in', async () => {
    const simulation = await overlapping();
    const { annotations = {} } = simulation.secret()?.metadata ?? {};
    const records = JSON.parse(annotations[ANNOTATION_REFERENCES] ?? '');
    const [reference, version, , ...others] = records.db;
    records.db = [reference, version, '0'.repeat(32), ...others];
    const ref = { type: SECRETS, namespace: NAMESPACE, name: 'orders-secrets' };
    const patch = { metadata: { annotations: { [ANNOTATION_REFERENCES]: JSON.stringify(records) } } };
    await simulation.cluster.admin.mergePatch(ref, patch);
    silence(simulation);
    await simulation.untilReason('VaultUnreachable');
    await simulation.clock.advance(900_000);
    expect(simulation.secretData()).to.deep.equal({ 'db.b.c': 'canary two', 'db.d': 'own' });
  });

  it('keep the members that are left when someone took one away and they cannot be read', async () => {
    const simulation = await running();
    silence(simulation);
    const ref = { type: SECRETS, namespace: NAMESPACE, name: 'orders-secrets' };
    await simulation.cluster.admin.mergePatch(ref, { data: { 'db.user': null } });
    await simulation.untilReason('VaultUnreachable', 'Ready', 'orders', 1_800_000);
    await simulation.clock.advance(900_000);
    expect(simulation.secretData()).to.deep.equal({ 'db.password': 'p-1', token: 't-1' });
    simulation.azure.fault = () => undefined;
    await simulation.until(() => simulation.secretData()['db.user'] === 'ann');
  });

  it('keep it also when the other one goes meanwhile, whose key then waits for the vault', async () => {
    const simulation = await overlapping();
    silence(simulation);
    await simulation.untilReason('VaultUnreachable');
    simulation.azure.delete(ENDPOINT, 'db.b');
    await simulation.clock.advance(900_000);
    expect(simulation.secretData()).to.deep.equal({ 'db.d': 'own' });
    simulation.azure.fault = () => undefined;
    await simulation.until(() => simulation.secretData()['db.b.c'] === 'canary one');
    await simulation.untilReady();
    expect(simulation.secretData()).to.deep.equal({ 'db.b.c': 'canary one', 'db.d': 'own' });
  });

  it('give a key as soon as the one that gave it before is gone', async () => {
    const simulation = await overlapping();
    simulation.azure.delete(ENDPOINT, 'db.b');
    await simulation.until(() => simulation.secretData()['db.b.c'] === 'canary one', 60_000);
  });

  it('keep their other keys as long as a reference has one of them for itself', async () => {
    const simulation = await running({ ...spec, keyVault: { expandJson: { keys: ['db'] } } });
    simulation.azure.setReference(ENDPOINT, 'db.user', { vault: VAULT, name: 'token' });
    await simulation.untilReason('InvalidSecretValue');
    await simulation.clock.advance(900_000);
    expect(simulation.secretData()).to.deep.equal({ 'db.password': 'p-1', 'db.user': 't-1', token: 't-1' });
  });

  it('name members that the Secret cannot hold, and leave the others as they are', async () => {
    const simulation = await running();
    simulation.azure.setSecret(VAULT, 'db', { value: '{"pass word":"p"}' });
    simulation.azure.setSecret(VAULT, 'token', { value: 't-2' });
    await refresh(simulation, '1');
    await simulation.untilReason('InvalidKey');
    expect(simulation.condition('Ready')?.message).to.contain('"db.pass word"');
    expect(simulation.secretData()).to.deep.equal({ 'db.password': 'p-1', 'db.user': 'ann', token: 't-2' });
  });

  it('are a hierarchy again in a file, read back from it without the vault', async () => {
    const secret = { name: 'orders-secrets', format: 'Json', file: 's.json', separator: '.' } as const;
    const simulation = await running({ ...spec, target: { secret } });
    const held = () => JSON.parse(simulation.secretData()['s.json'] ?? '{}');
    expect(held()).to.deep.equal({ db: { password: 'p-1', user: 'ann' }, token: 't-1' });
    await simulation.stop();
    simulation.azure.calls.length = 0;
    simulation.start();
    simulation.azure.setReference(ENDPOINT, 'again', { vault: VAULT, name: 'token' });
    await simulation.until(() => held().again === 't-1');
    expect(secretReads(simulation)).to.equal(1);
    expect(held().db).to.deep.equal({ password: 'p-1', user: 'ann' });
  });

  it('restart the workloads that use one of their keys', async () => {
    const simulation = await running();
    const env = [{ name: 'U', valueFrom: { secretKeyRef: { name: 'orders-secrets', key: 'db.user' } } }];
    await simulation.addDeployment('web', { containers: [{ name: 'app', image: 'app', env }] });
    await simulation.clock.advance(400_000);
    const generation = simulation.deployment('web')?.metadata.generation;
    simulation.azure.setSecret(VAULT, 'db', { value: '{"user":"ann","password":"p-2"}' });
    await simulation.until(() => simulation.secretData()['db.password'] === 'p-2');
    await simulation.clock.advance(60_000);
    expect(simulation.deployment('web')?.metadata.generation).to.equal(generation);
    simulation.azure.setSecret(VAULT, 'db', { value: '{"user":"bob","password":"p-2"}' });
    await simulation.until(() => simulation.deployment('web')?.metadata.generation !== generation);
  });
});
