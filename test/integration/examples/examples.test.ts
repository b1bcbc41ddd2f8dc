import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { ACCESS_KEY, newClientSecret, writePrincipal, writeSecret } from '../../support/real/credentials.ts';
import {
  applyExample,
  CONTOSO,
  exampleFiles,
  grantContoso,
  useContoso,
} from '../../support/real/examples.ts';
import { useOperator } from '../../support/real/running.ts';
import type { Team } from '../../support/real/team.ts';

/**
 * The manifests that users copy, applied as they are to a real API server and served by a real operator. Only what the
 * files tell the reader to replace is replaced.
 */

describe('the examples', () => {
  const running = useOperator();

  useContoso(() => running().world);

  /** A fresh namespace with the example's ServiceAccount, whose application may read contoso. */
  async function reader(): Promise<Team> {
    const team = await running().team({ serviceAccount: false });
    await grantContoso(team);
    await applyExample(team, 'service-account.yaml');
    return team;
  }

  async function withReference<T>(work: () => Promise<T>): Promise<T> {
    const { control } = running().world.azure;
    const position = { store: CONTOSO, key: 'orders:db-password' };
    await control.setKeyVaultReference({ ...position, vault: CONTOSO, secret: 'orders-db' });
    try {
      return await work();
    } finally {
      await control.deleteSetting(position);
    }
  }

  it('are each tried by a test of this folder', async () => {
    const folder = new URL('.', import.meta.url);
    const tests = (await readdir(folder)).map((name) => readFile(new URL(name, folder), 'utf8'));
    const sources = (await Promise.all(tests)).join('');
    expect((await exampleFiles()).filter((file) => !sources.includes(`'${file}'`))).to.deep.equal([]);
  });

  it('are accepted unchanged when applied a second time', async () => {
    for (const file of await exampleFiles()) {
      const team = await running().team({ serviceAccount: false });
      expect(await applyExample(team, file), file).to.include(' created');
      const lines = (await applyExample(team, file)).trim().split('\n');
      expect(lines.filter((line) => !line.endsWith(' unchanged'))).to.deep.equal([]);
    }
  });

  it('merge.yaml puts its key beside that of the owner', async () => {
    const team = await reader();
    await applyExample(team, 'merge.yaml');
    await team.untilReady();
    expect((await team.configMap('shared-config'))?.data).to.deep.equal({ owner: 'platform', timeout: '30' });
  });

  it('minimal.yaml writes every setting without a label', async () => {
    const team = await reader();
    await applyExample(team, 'minimal.yaml');
    await team.untilReady();
    expect((await team.configMap())?.data).to.deep.equal({ timeout: '30' });
    expect(await team.secretData()).to.deep.equal({});
  });

  it('service-principal.yaml reads with a client secret, without a ServiceAccount', async () => {
    const team = await reader();
    await writePrincipal(team, (await newClientSecret(team)).value);
    await applyExample(team, 'service-principal.yaml');
    await team.untilReady();
    expect((await team.configMap())?.data).to.deep.equal({ timeout: '30' });
  });

  it('connection-string.yaml reads the store with an access key, and the vault as a ServiceAccount', async () => {
    const team = await reader();
    const principal = team.app.clientId;
    await team.azure.removeRole({ role: 'AppConfigurationDataReader', principal, store: CONTOSO });
    const [key] = await team.azure.listAccessKeys(CONTOSO);
    await writeSecret(team, ACCESS_KEY, { connectionString: key?.connectionString ?? '' });
    await withReference(async () => {
      await applyExample(team, 'connection-string.yaml');
      await team.untilReady();
      expect(await team.secretData()).to.deep.equal({ 'db-password': 'first-password' });
    });
  });

  it('vault-identities.yaml reads the vault of the platform team as its own ServiceAccount', async () => {
    const team = await reader();
    const { control } = running().world.azure;
    const platform = await control.createApp({ name: 'platform-reader' });
    await control.addFederatedCredential({
      clientId: platform.clientId,
      issuer: running().world.cluster.issuer,
      subject: `system:serviceaccount:${team.namespace}:platform-reader`,
    });
    await control.createVault({ name: 'platform' });
    await control.setSecret({ vault: 'platform', name: 'mail', value: 'mail-password' });
    const role = 'KeyVaultSecretsUser';
    await control.assignRole({ role, principal: platform.clientId, vault: 'platform' });
    const position = { store: CONTOSO, key: 'orders:mail-password' };
    await control.setKeyVaultReference({ ...position, vault: 'platform', secret: 'mail' });
    try {
      await withReference(async () => {
        await applyExample(team, 'vault-identities.yaml', { [team.app.clientId]: platform.clientId });
        await team.untilReady();
        expect(await team.secretData()).to.deep.equal({
          'db-password': 'first-password',
          'mail-password': 'mail-password',
        });
      });
    } finally {
      await control.deleteSetting(position);
      await control.deleteVault('platform');
    }
  });

  describe('with the keys of several applications in the store', () => {
    const settings: readonly { key: string; label?: string; value: string }[] = [
      { key: 'timeout', value: '30' },
      { key: 'shared:timeout', value: '5' },
      { key: 'shared:currency', value: 'EUR' },
      { key: 'orders:timeout', value: '30' },
      { key: 'orders:timeout', label: 'prod', value: '10' },
      { key: 'orders:region', value: 'westeurope' },
      { key: 'orders:region', label: 'prod', value: 'northeurope' },
    ];

    /** Each test finds these settings and no others, however the one before ended. */
    beforeEach(async () => {
      const { control } = running().world.azure;
      const { stores } = await control.dump();
      const found = stores.find(({ name }) => name === CONTOSO)?.settings ?? [];
      for (const { key, label } of found)
        if (!settings.some((one) => one.key === key && (one.label ?? null) === label))
          await control.deleteSetting({ store: CONTOSO, key, label });
      await control.setSettings({ store: CONTOSO, settings: [...settings] });
    });

    it('minimal.yaml refuses keys with a colon and names the remedy, since no prefix is cut', async () => {
      const team = await reader();
      await applyExample(team, 'minimal.yaml');
      const ready = await team.untilCondition('Ready', 'False', 'InvalidKey');
      expect(ready.message).to.include('"orders:region"').and.to.include('spec.keys.trimPrefixes');
    });

    it('validated.yaml keeps a timeout out that is no number, and says so', async () => {
      const team = await reader();
      const { control } = running().world.azure;
      await applyExample(team, 'validated.yaml');
      await team.untilReady();
      await control.setSetting({ store: CONTOSO, key: 'orders:timeout', value: 'soon' });
      try {
        await team.refresh('now');
        const ready = await team.untilCondition('Ready', 'False', 'ValidationFailed');
        expect(ready.message).to.include('key "timeout" must match ^[0-9]+$');
        expect((await team.configMap())?.data).to.deep.equal({ region: 'westeurope', timeout: '30' });
      } finally {
        await control.setSetting({ store: CONTOSO, key: 'orders:timeout', value: '30' });
      }
    });

    it('environment-overlay.yaml puts the values of prod over those without a label', async () => {
      const team = await reader();
      await withReference(async () => {
        await applyExample(team, 'environment-overlay.yaml');
        await team.untilReady();
        expect((await team.configMap())?.data).to.deep.equal({
          currency: 'EUR',
          region: 'westeurope',
          timeout: '10',
        });
        expect(await team.secretData()).to.deep.equal({ 'db-password': 'first-password' });
      });
    });

    it('replicas.yaml is served by a replica while the store fails', async () => {
      const team = await reader();
      const { azure } = team;
      await azure.createReplica({ store: CONTOSO, name: 'eu' });
      await azure.addFault({ host: 'contoso.azconfig.io', status: 503 });
      try {
        await applyExample(team, 'replicas.yaml');
        // The operator may have asked for the replicas of contoso before: it asks again after 30 s of trouble.
        await team.untilReady('orders', 90_000);
        expect((await team.configMap())?.data).to.deep.equal({ region: 'westeurope', timeout: '30' });
      } finally {
        await azure.clearFaults();
        await azure.deleteReplica('contoso-eu');
      }
    });

    it('json-file.yaml writes one file with the hierarchy of the keys', async () => {
      const team = await reader();
      await applyExample(team, 'json-file.yaml');
      await team.untilReady();
      const file = (await team.configMap())?.data?.['appsettings.json'] ?? '';
      expect(JSON.parse(file)).to.deep.equal({ orders: { region: 'northeurope', timeout: '10' } });
    });

    it('feature-flags.yaml writes the flags of prod beside the settings, and follows them', async () => {
      const team = await reader();
      const { control } = running().world.azure;
      const position = { store: CONTOSO, key: '.appconfig.featureflag/Beta' };
      const flag = (enabled: boolean) => ({
        value: JSON.stringify({ id: 'Beta', enabled }),
        contentType: 'application/vnd.microsoft.appconfig.ff+json;charset=utf-8',
      });
      await control.setSetting({ ...position, ...flag(false) });
      await control.setSetting({ ...position, label: 'prod', ...flag(true) });
      await applyExample(team, 'feature-flags.yaml');
      await team.untilReady();
      const file = async () => JSON.parse((await team.configMap())?.data?.['appsettings.json'] ?? '{}');
      expect(await file()).to.deep.equal({
        feature_management: { feature_flags: [{ id: 'Beta', enabled: true }] },
        orders: { region: 'northeurope', timeout: '10' },
      });
      await control.setSetting({ ...position, label: 'prod', ...flag(false) });
      await team.refresh('1');
      await team.until(
        'the flag to be off',
        async () => (await file()).feature_management.feature_flags[0].enabled === false,
      );
    });

    it('appsettings-secret.yaml writes settings and secrets into one file of a Secret', async () => {
      const team = await reader();
      await withReference(async () => {
        await applyExample(team, 'appsettings-secret.yaml');
        await team.untilReady();
        const data = await team.secretData();
        expect(JSON.parse(data?.['appsettings.json'] ?? '')).to.deep.equal({
          orders: { 'db-password': 'first-password', region: 'northeurope', timeout: '10' },
        });
        expect(await team.configMap()).to.equal(undefined);
      });
    });

    it('json-secret.yaml writes each member of a secret under a key of its own', async () => {
      const team = await reader();
      const { control } = running().world.azure;
      const setting = { store: CONTOSO, key: 'orders:db' };
      const secret = { vault: CONTOSO, name: 'orders-db-json' };
      await control.setSecret({ ...secret, value: '{"user":"orders","password":"p-1"}' });
      await control.setKeyVaultReference({ ...setting, vault: CONTOSO, secret: secret.name });
      try {
        await applyExample(team, 'json-secret.yaml');
        await team.untilReady();
        expect(await team.secretData()).to.deep.equal({ db__password: 'p-1', db__user: 'orders' });
        await control.setSecret({ ...secret, value: '{"user":' });
        await team.refresh('1');
        const ready = await team.untilCondition('Ready', 'False', 'InvalidSecretValue');
        expect(ready.message).to.include('secret orders-db-json of contoso.vault.azure.net');
        await control.setSecret({ ...secret, value: '{"user":"orders","password":"p-2"}' });
        await team.refresh('2');
        await team.untilReady();
        expect(await team.secretData()).to.deep.equal({ db__password: 'p-2', db__user: 'orders' });
      } finally {
        await control.deleteSetting(setting);
      }
    });

    it('vault-secrets.yaml writes secrets of the vault of its environment, without a store', async () => {
      const team = await reader();
      const { control } = running().world.azure;
      await control.createVault({ name: 'prod-orders' });
      try {
        const principal = team.app.clientId;
        await control.assignRole({ role: 'KeyVaultSecretsUser', principal, vault: 'prod-orders' });
        await control.setSecret({ vault: 'prod-orders', name: 'orders-db', value: 'of prod' });
        await applyExample(team, 'vault-secrets.yaml');
        await team.untilReady();
        expect(await team.secretData()).to.deep.equal({ 'db-password': 'of prod' });
      } finally {
        await control.deleteVault('prod-orders');
      }
    });

    it('whole-vault.yaml writes all secrets of a prefix, and follows the vault', async () => {
      const team = await reader();
      const { control } = running().world.azure;
      const vault = 'orders-team';
      await control.createVault({ name: vault });
      try {
        const principal = team.app.clientId;
        await control.assignRole({ role: 'KeyVaultSecretsUser', principal, vault });
        for (const name of ['orders-db', 'orders-api', 'mail'])
          await control.setSecret({ vault, name, value: `value of ${name}` });
        await applyExample(team, 'whole-vault.yaml');
        await team.untilReady();
        expect(await team.secretData()).to.deep.equal({
          db: 'value of orders-db',
          api: 'value of orders-api',
        });
        await control.setSecret({ vault, name: 'orders-db', value: 'off', enabled: false });
        await control.setSecret({ vault, name: 'orders-mq', value: 'new' });
        await team.refresh('1');
        await team.until('the new secret', async () => 'mq' in (await team.secretData()));
        expect(await team.secretData()).to.deep.equal({ mq: 'new', api: 'value of orders-api' });
      } finally {
        await control.deleteVault(vault);
      }
    });

    it('certificate.yaml makes a Secret that an Ingress serves', async () => {
      const team = await reader();
      const { control } = running().world.azure;
      const setting = { store: CONTOSO, key: 'orders:web-tls' };
      await control.issueCertificate({ vault: CONTOSO, name: 'www-contoso-com' });
      const tags = { '.kubernetes.secret.type': 'kubernetes.io/tls' };
      await control.setKeyVaultReference({ ...setting, vault: CONTOSO, secret: 'www-contoso-com', tags });
      try {
        await applyExample(team, 'certificate.yaml');
        await team.untilReady();
        expect((await team.secret('web-tls'))?.type).to.equal('kubernetes.io/tls');
        expect(Object.keys(await team.secretData('web-tls'))).to.have.members(['tls.crt', 'tls.key']);
      } finally {
        await control.deleteSetting(setting);
      }
    });

    it('environment-variables.yaml makes names of keys, and leaves out what is none', async () => {
      const team = await reader();
      const { control } = running().world.azure;
      const extra = ['orders:db:host', 'orders:web/url'];
      for (const key of extra) await control.setSetting({ store: CONTOSO, key, value: 'v' });
      await applyExample(team, 'environment-variables.yaml');
      await team.untilReady();
      expect((await team.configMap())?.data).to.deep.equal({
        db__host: 'v',
        region: 'westeurope',
        timeout: '30',
      });
      const warning = await team.untilCondition('Warning', 'True', 'InvalidKey');
      expect(warning.message).to.include('ConfigMap orders-config leaves out key "web/url"');
    });

    it('spring-properties.yaml writes two files that Java reads', async () => {
      const team = await reader();
      await withReference(async () => {
        await applyExample(team, 'spring-properties.yaml');
        await team.untilReady();
        expect((await team.configMap())?.data).to.deep.equal({
          'application.properties': 'region=northeurope\ntimeout=10\n',
        });
        expect(await team.secretData()).to.deep.equal({
          'secrets.properties': 'db-password=first-password\n',
        });
      });
    });

    it('snapshot.yaml writes what the snapshot holds, and current settings over it', async () => {
      const team = await reader();
      const { control } = running().world.azure;
      await control.createSnapshot({
        store: CONTOSO,
        name: 'orders-2026-11',
        filters: [{ key: 'orders:*' }, { key: 'orders:*', label: 'prod' }],
      });
      await control.setSetting({ store: CONTOSO, key: 'hotfix:timeout', value: '20' });
      await applyExample(team, 'snapshot.yaml');
      await team.untilReady();
      expect((await team.configMap())?.data).to.deep.equal({ region: 'northeurope', timeout: '20' });
    });

    it('sentinel.yaml takes tagged settings over when the sentinel is touched', async () => {
      const team = await reader();
      const { control } = running().world.azure;
      const tags = { team: 'orders' };
      const set = (key: string, value: string) =>
        control.setSetting({ store: CONTOSO, key: `orders:${key}`, value, tags });
      await set('color', 'blue');
      await set('release', '1');
      await applyExample(team, 'sentinel.yaml');
      await team.untilReady();
      expect((await team.configMap())?.data).to.deep.equal({ color: 'blue', release: '1' });
      await set('color', 'red');
      await set('release', '2');
      await team.refresh('1');
      await team.until('the new color', async () => (await team.configMap())?.data?.['color'] === 'red');
    });

    it('migrated.yaml writes settings, flags and secrets, and takes changes over when its sentinel is touched', async () => {
      const team = await reader();
      const { control } = running().world.azure;
      const sentinel = { store: CONTOSO, key: 'orders:release', label: 'prod' };
      const flag = { store: CONTOSO, key: '.appconfig.featureflag/Gamma', label: 'prod' };
      const timeout = { store: CONTOSO, key: 'orders:timeout', label: 'prod' };
      const contentType = 'application/vnd.microsoft.appconfig.ff+json;charset=utf-8';
      const value = JSON.stringify({ id: 'Gamma', enabled: true });
      await control.setSetting({ ...flag, value, contentType });
      await control.setSetting({ ...sentinel, value: '1' });
      const file = async () => JSON.parse((await team.configMap())?.data?.['appsettings.json'] ?? '{}');
      await withReference(async () => {
        await applyExample(team, 'migrated.yaml');
        await team.untilReady();
        expect(await file()).to.deep.equal({
          feature_management: { feature_flags: [JSON.parse(value)] },
          region: 'northeurope',
          release: '1',
          timeout: '10',
        });
        expect(await team.secretData()).to.deep.equal({ 'db-password': 'first-password' });
        await control.setSetting({ ...timeout, value: '12' });
        await control.setSetting({ ...sentinel, value: '2' });
        await team.refresh('1');
        await team.until('the new timeout', async () => (await file()).timeout === '12');
      });
    });

    it('with-deployment.yaml restarts its Deployment when a value changes', async () => {
      const team = await reader();
      const { control } = running().world.azure;
      const position = { store: CONTOSO, key: 'orders:timeout', label: 'prod' };
      await withReference(async () => {
        await applyExample(team, 'with-deployment.yaml');
        await team.untilReady();
        await team.until(
          'the Deployment to be known',
          async () => (await team.status()).rollout === '1/1',
          60_000,
        );
        await control.setSetting({ ...position, value: '11' });
        await team.refresh('1');
        await team.untilEvent('Restarted');
        expect((await team.configMap())?.data?.['timeout']).to.equal('11');
      });
    });
  });
});
