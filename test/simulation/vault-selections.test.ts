import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { blocked, throttled, unavailable } from '../../src/domain/failure.ts';
import type { AzureCallKind } from '../support/memory-azure.ts';
import { SECRETS } from '../support/memory-cluster/index.ts';
import { baseSpec, CLIENT_ID, ENDPOINT, NAMESPACE, Simulation, VAULT } from '../support/simulation.ts';

const { store: _, ...storeless } = baseSpec;
const target = { secret: { name: 'orders-secrets' } };
const allOf = (all: NonNullable<BindingSpec['keyVault']>['all'], more: object = {}): BindingSpec => ({
  ...storeless,
  keyVault: { ...(all === undefined ? {} : { all }), ...more },
  target,
});
const WHOLE = allOf([{ vault: 'contoso' }]);
const MINUTE = 60_000;

/** Secrets are older than the operator, unless a test makes them. */
async function prepared(names: readonly string[] = ['db', 'token']): Promise<Simulation> {
  const simulation = new Simulation();
  for (const name of names) simulation.azure.setSecret(VAULT, name, { value: `${name}-1` });
  await simulation.clock.advance(30 * MINUTE);
  return simulation;
}

async function running(spec: BindingSpec = WHOLE, names?: readonly string[]): Promise<Simulation> {
  const simulation = await prepared(names);
  await simulation.apply(spec);
  simulation.start();
  await simulation.untilReady();
  return simulation;
}

const calls = ({ azure }: Simulation, kind: AzureCallKind): number =>
  azure.calls.filter((call) => call.kind === kind).length;
const writes = ({ cluster }: Simulation): number => cluster.changes().length;

describe('All secrets of a vault', () => {
  it('are written without any store, each under its name, and told so', async () => {
    const simulation = await running();
    expect(simulation.secretData()).to.deep.equal({ db: 'db-1', token: 'token-1' });
    expect(simulation.condition('Ready')?.message).to.equal(
      '2 secrets of contoso.vault.azure.net are in Secret orders-secrets',
    );
    expect(simulation.binding()?.status?.references).to.deep.equal({ total: 2, resolved: 2 });
    expect(calls(simulation, 'list')).to.equal(1);
  });

  it('cost one list per interval while nothing changes, and no value is read', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `secret-${index}`);
    const simulation = await running(WHOLE, names);
    expect(calls(simulation, 'secret')).to.equal(60);
    simulation.azure.calls.length = 0;
    const before = writes(simulation);
    await simulation.clock.advance(60 * MINUTE);
    expect(calls(simulation, 'secret')).to.equal(0);
    expect(calls(simulation, 'list')).to.be.within(11, 14);
    expect(simulation.azure.calls.at(-1)?.pages).to.equal(3);
    expect(writes(simulation)).to.equal(before);
    expect(simulation.condition('Stale')).to.equal(undefined);
  });

  it('are listed once for all bindings that read the vault as one identity', async () => {
    const simulation = await prepared();
    for (const name of ['a', 'b', 'c', 'd'])
      await simulation.apply({ ...WHOLE, target: { secret: { name: `${name}-secrets` } } }, name);
    simulation.start();
    for (const name of ['a', 'b', 'c', 'd']) await simulation.untilReady(name);
    expect([calls(simulation, 'list'), calls(simulation, 'secret')]).to.deep.equal([1, 2]);
    simulation.azure.calls.length = 0;
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-2' });
    await simulation.until(() =>
      ['a', 'd'].every((one) => simulation.secretData(`${one}-secrets`)['db'] === 'db-2'),
    );
    expect(calls(simulation, 'secret')).to.be.at.most(2);
    simulation.azure.calls.length = 0;
    await simulation.clock.advance(60 * MINUTE);
    expect(calls(simulation, 'list')).to.be.within(11, 14);
    expect(calls(simulation, 'secret')).to.be.at.most(1);
  });

  it('are read again only where the list shows a change', async () => {
    const simulation = await running();
    simulation.azure.calls.length = 0;
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-2' });
    await simulation.until(() => simulation.secretData()['db'] === 'db-2');
    const read = simulation.azure.calls.flatMap(({ reference }) => reference?.name ?? []);
    expect(read).to.deep.equal(['db']);
    expect(simulation.secretData()['token']).to.equal('token-1');
  });

  it('come and go with the vault, and disabled ones are as good as gone', async () => {
    const simulation = await running();
    simulation.azure.setSecret(VAULT, 'extra', { value: 'x' });
    await simulation.until(() => 'extra' in simulation.secretData());
    simulation.azure.deleteSecret(VAULT, 'token');
    await simulation.until(() => !('token' in simulation.secretData()));
    simulation.azure.changeSecret(VAULT, 'db', { disabled: true });
    await simulation.until(() => !('db' in simulation.secretData()));
    expect(simulation.secretData()).to.deep.equal({ extra: 'x' });
    simulation.azure.changeSecret(VAULT, 'db', { disabled: false });
    await simulation.until(() => 'db' in simulation.secretData());
    await simulation.untilReady();
  });

  it('that are gone when they are read are for the next list to leave out', async () => {
    const simulation = await prepared(['db', 'token']);
    const missing = (kind: string) =>
      kind === 'secret' ? blocked('SecretNotFound', 'There is no such secret.') : undefined;
    simulation.azure.fault = missing;
    await simulation.apply(WHOLE);
    simulation.start();
    await simulation.untilReason('SecretNotFound');
    const message = simulation.condition('Ready')?.message;
    expect(message).to.contain('spec.keyVault.all').and.not.contain('in the store');
    for (const name of ['db', 'token']) simulation.azure.deleteSecret(VAULT, name);
    simulation.azure.setSecret(VAULT, 'other', { value: 'x' });
    simulation.azure.fault = () => undefined;
    await simulation.untilReady();
    expect(simulation.secretData()).to.deep.equal({ other: 'x' });
  });

  it('are not those of certificates', async () => {
    const simulation = await prepared(['db']);
    simulation.azure.setSecret(VAULT, 'web', { value: 'x', managed: true });
    simulation.azure.setSecret(VAULT, 'own', { value: 'y', contentType: 'application/x-pkcs12' });
    await simulation.apply(WHOLE);
    simulation.start();
    await simulation.untilReady();
    expect(simulation.secretData()).to.deep.equal({ db: 'db-1' });
  });

  it('are narrowed by prefix and tags, and named as spec.keys says', async () => {
    const simulation = await prepared(['orders-db', 'orders-api', 'mail-db']);
    simulation.azure.setSecret(VAULT, 'orders-tagged', { value: 't', tags: { team: 'orders' } });
    const all = [{ vault: 'contoso', prefix: 'orders-' }];
    await simulation.apply(allOf(all));
    simulation.start();
    await simulation.untilReady();
    expect(Object.keys(simulation.secretData())).to.have.members([
      'orders-db',
      'orders-api',
      'orders-tagged',
    ]);
    await simulation.apply({ ...allOf(all), keys: { trimPrefixes: ['orders-'] } });
    await simulation.until(() => 'db' in simulation.secretData());
    expect(Object.keys(simulation.secretData())).to.have.members(['db', 'api', 'tagged']);
    await simulation.apply(allOf([{ vault: 'contoso', tags: { team: 'orders' } }]));
    await simulation.until(() => !('db' in simulation.secretData()));
    expect(simulation.secretData()).to.deep.equal({ 'orders-tagged': 't' });
  });

  it('override settings, a later vault an earlier one, and secrets that are named all of them', async () => {
    const simulation = await prepared(['a', 'b', 'c', 'd']);
    const second = 'second.vault.azure.net';
    simulation.azure.grant(CLIENT_ID, second);
    simulation.azure.setSecret(second, 'b', { value: 'second' });
    simulation.azure.setSecret(second, 'c', { value: 'second' });
    for (const key of ['a', 'plain']) simulation.azure.set(ENDPOINT, { key, value: 'setting' });
    await simulation.apply({
      ...baseSpec,
      keyVault: {
        all: [{ vault: 'contoso' }, { vault: 'second' }],
        secrets: [{ vault: 'contoso', name: 'd', key: 'c' }],
      },
    });
    simulation.start();
    await simulation.untilReady();
    expect(simulation.configMap()?.data).to.deep.equal({ plain: 'setting' });
    expect(simulation.secretData()).to.deep.equal({ a: 'a-1', b: 'second', c: 'd-1', d: 'd-1' });
    simulation.azure.deleteSecret(VAULT, 'a');
    await simulation.until(() => simulation.configMap()?.data?.['a'] === 'setting');
    expect(simulation.secretData()).not.to.have.property('a');
  });

  it('say so when two of them become one key', async () => {
    const simulation = await running({ ...WHOLE, keys: { replace: [{ from: '--', to: '-' }] } }, [
      'a-b',
      'a--b',
    ]);
    expect(simulation.secretData()).to.deep.equal({ 'a-b': 'a-b-1' });
    expect(simulation.condition('Warning')?.reason).to.equal('KeyCollision');
    expect(simulation.condition('Warning')?.message).to.contain(
      'the secrets "a--b", "a-b" of contoso.vault.azure.net all become key "a-b"; "a-b" is used',
    );
  });

  it('are not read after a restart with nothing changed, and listed only when they are due', async () => {
    const simulation = await running();
    await simulation.stop();
    simulation.azure.calls.length = 0;
    const before = writes(simulation);
    simulation.start();
    await simulation.clock.advance(MINUTE);
    expect(simulation.azure.calls).to.deep.equal([]);
    await simulation.clock.advance(20 * MINUTE);
    expect(calls(simulation, 'secret')).to.equal(0);
    expect(calls(simulation, 'list')).to.be.within(3, 6);
    expect(writes(simulation)).to.equal(before);
  });

  it('follow a change that was made while the operator was away', async () => {
    const simulation = await running();
    await simulation.stop();
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-2' });
    simulation.azure.deleteSecret(VAULT, 'token');
    await simulation.clock.advance(60 * MINUTE);
    simulation.start();
    await simulation.until(() => simulation.secretData()['db'] === 'db-2');
    expect(simulation.secretData()).to.deep.equal({ db: 'db-2' });
  });

  it('follow a second change within the second of the first, which no list can show', async () => {
    const simulation = await running();
    const shown = () => simulation.secretData()['db'];
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-2' });
    await simulation.until(() => shown() === 'db-2');
    // In the second in which the vault was read.
    const { azure } = simulation;
    let raced = false;
    azure.delay = async (kind) => {
      if (kind !== 'secret' || raced) return;
      raced = true;
      azure.setSecret(VAULT, 'db', { value: 'db-4' });
    };
    azure.arrival = async (kind) => {
      if (kind === 'list' && !raced) azure.setSecret(VAULT, 'db', { value: 'db-3' });
    };
    await simulation.until(() => shown() === 'db-3', 20 * MINUTE);
    await simulation.until(() => shown() === 'db-4', 20 * MINUTE);
    azure.calls.length = 0;
    await simulation.clock.advance(30 * MINUTE);
    expect(calls(simulation, 'secret')).to.be.at.most(1);
  });

  it('are read anew, all of them, when somebody asks for it', async () => {
    const simulation = await running();
    simulation.azure.calls.length = 0;
    await simulation.apply(WHOLE, 'orders', { 'appconfig.dev/refresh': 'now' });
    await simulation.until(() => simulation.binding()?.status?.lastHandledRefresh === 'now');
    expect([calls(simulation, 'list'), calls(simulation, 'secret')]).to.deep.equal([1, 2]);
  });

  for (const [what, keyVault] of [
    ['selected', { all: [{ vault: 'contoso' }] }],
    ['named', { secrets: [{ vault: 'contoso', name: 'db' }] }],
  ] as const) {
    it(`make up for no setting, where they are ${what}: a store that gives none empties no ConfigMap`, async () => {
      const simulation = await prepared();
      simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
      const spec = { ...baseSpec, keyVault: { ...keyVault } as BindingSpec['keyVault'] & object };
      await simulation.apply(spec);
      simulation.start();
      await simulation.untilReady();
      await simulation.apply({ ...spec, selectors: [{ key: 'colour' }] });
      await simulation.untilReason('EmptySelection');
      expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
      await simulation.apply({ ...spec, selectors: [{ key: 'colour' }], allowEmpty: true });
      await simulation.untilReady();
      expect(simulation.configMap()?.data).to.deep.equal({});
    });
  }

  it('are used, and told, when they have expired', async () => {
    const simulation = await prepared();
    simulation.azure.setSecret(VAULT, 'old', { value: 'x', expiresAt: simulation.clock.now() - 1 });
    await simulation.apply(WHOLE);
    simulation.start();
    await simulation.untilReady();
    expect(simulation.secretData()['old']).to.equal('x');
    expect(simulation.condition('Warning')?.reason).to.equal('SecretOutOfDate');
  });

  it('become several keys where they are to be expanded, and idle as cheaply', async () => {
    const simulation = await prepared(['token']);
    simulation.azure.setSecret(VAULT, 'db', { value: '{"user":"u","port":5432}' });
    await simulation.clock.advance(30 * MINUTE);
    await simulation.apply(allOf([{ vault: 'contoso' }], { expandJson: { keys: ['d*'] } }));
    simulation.start();
    await simulation.untilReady();
    expect(simulation.secretData()).to.deep.equal({ 'db.user': 'u', 'db.port': '5432', token: 'token-1' });
    simulation.azure.calls.length = 0;
    await simulation.clock.advance(30 * MINUTE);
    expect(calls(simulation, 'secret')).to.equal(0);
  });

  it('empty no Secret when the selection is empty, unless that is meant', async () => {
    const simulation = await running(allOf([{ vault: 'contoso', prefix: 'd' }]));
    simulation.azure.deleteSecret(VAULT, 'db');
    await simulation.untilReason('EmptySelection');
    expect(simulation.condition('Ready')?.message).to.contain(
      'no secret matches (contoso.vault.azure.net, prefix "d"); the targets are left as they are',
    );
    expect(simulation.secretData()).to.deep.equal({ db: 'db-1' });
    await simulation.apply({ ...allOf([{ vault: 'contoso', prefix: 'd' }]), allowEmpty: true });
    await simulation.untilReady();
    expect(simulation.secretData()).to.deep.equal({});
    simulation.azure.setSecret(VAULT, 'd2', { value: 'back' });
    await simulation.until(() => simulation.secretData()['d2'] === 'back');
  });

  for (const [what, reason, failure] of [
    ['a missing role', 'VaultForbidden', blocked('VaultForbidden', 'no')],
    ['a network rule', 'VaultFirewall', blocked('VaultFirewall', 'no')],
    ['a pause', 'VaultThrottled', throttled('VaultThrottled', 'no', 10_000)],
    ['silence', 'VaultUnreachable', unavailable('VaultUnreachable', 'no')],
  ] as const) {
    it(`keep the last good targets through ${what}, and recover by themselves`, async () => {
      const simulation = await running();
      const before = simulation.secret()?.metadata.resourceVersion;
      simulation.azure.fault = (kind) => (kind === 'list' ? failure : undefined);
      simulation.azure.setSecret(VAULT, 'db', { value: 'db-2' });
      await simulation.untilReason(reason, 'Ready', 'orders', 30 * MINUTE);
      expect(simulation.condition('SecretsResolved')?.reason).to.equal(reason);
      await simulation.clock.advance(30 * MINUTE);
      expect(simulation.condition('Ready')?.reason).to.equal(reason);
      expect(simulation.secret()?.metadata.resourceVersion).to.equal(before);
      await simulation.stop();
      simulation.start();
      await simulation.clock.advance(2 * MINUTE);
      expect(simulation.condition('Ready')?.reason).to.equal(reason);
      simulation.azure.fault = () => undefined;
      await simulation.untilReady();
      expect(simulation.secretData()).to.deep.equal({ db: 'db-2', token: 'token-1' });
    });
  }

  it('keep the last value of one that can be listed and not be read', async () => {
    const simulation = await running();
    simulation.azure.fault = (kind) => (kind === 'secret' ? blocked('VaultForbidden', 'no') : undefined);
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-2' });
    await simulation.untilReason('VaultForbidden');
    expect(simulation.binding()?.status?.references?.failed?.map(({ key }) => key)).to.deep.equal(['db']);
    expect(simulation.secretData()).to.deep.equal({ db: 'db-1', token: 'token-1' });
    simulation.azure.fault = () => undefined;
    await simulation.untilReady();
    expect(simulation.secretData()['db']).to.equal('db-2');
  });

  it('are those of the vault of the environment, within the vaults that are allowed', async () => {
    const simulation = await prepared();
    for (const environment of ['dev', 'prod', 'other']) {
      const vault = `${environment}-orders.vault.azure.net`;
      simulation.azure.grant(CLIENT_ID, vault);
      simulation.azure.setSecret(vault, 'db', { value: `of ${environment}` });
    }
    const allowedVaults = ['dev-orders.vault.azure.net', 'prod-orders.vault.azure.net'];
    await simulation.apply(allOf([{ vault: '{environment}-orders' }], { allowedVaults }));
    simulation.start();
    await simulation.untilReason('InvalidSpec');
    expect(simulation.condition('Ready')?.message).to.contain('spec.keyVault.all[0].vault');
    await simulation.labelNamespace('dev');
    await simulation.untilReady();
    await simulation.labelNamespace('prod');
    await simulation.until(() => simulation.secretData()['db'] === 'of prod');
    simulation.azure.calls.length = 0;
    await simulation.labelNamespace('other');
    await simulation.untilReason('VaultNotAllowed');
    expect(simulation.azure.calls).to.deep.equal([]);
    expect(simulation.secretData()).to.deep.equal({ db: 'of prod' });
  });

  it('are put back when somebody edits the Secret', async () => {
    const simulation = await running();
    const ref = { type: SECRETS, namespace: NAMESPACE, name: 'orders-secrets' };
    await simulation.cluster.admin.mergePatch(ref, {
      data: { db: Buffer.from('edited').toString('base64'), token: null },
    });
    await simulation.until(() => simulation.secretData()['db'] === 'db-1', 60 * MINUTE);
    expect(simulation.secretData()).to.deep.equal({ db: 'db-1', token: 'token-1' });
  });

  it('leave out, without reading, what the format cannot hold', async () => {
    const spec = {
      ...WHOLE,
      keys: { invalid: 'Skip' as const },
      target: { secret: { name: 'orders-secrets', format: 'DotEnv' as const } },
    };
    const simulation = await running(spec, ['DB', 'not-a-variable']);
    expect(simulation.secretData()['.env']).to.contain('DB=');
    simulation.azure.calls.length = 0;
    const before = writes(simulation);
    await simulation.clock.advance(30 * MINUTE);
    expect(calls(simulation, 'secret')).to.equal(0);
    expect(calls(simulation, 'list')).to.be.within(5, 8);
    expect(writes(simulation)).to.equal(before);
  });
});
