import { expect } from 'chai';
import { assertionCredential, secretClient, storeClient } from './clients.ts';
import { type ClusterIssuer, SUBJECT, startClusterIssuer } from './cluster-issuer.ts';
import { all, send } from './wire.ts';
import { startWorld, type World } from './world.ts';

describe('pretend Azure as a whole', () => {
  let world: World;
  let cluster: ClusterIssuer;

  before(async () => {
    [world, cluster] = await Promise.all([startWorld(), startClusterIssuer()]);
  });
  after(async () => {
    await Promise.all([world.stop(), cluster.stop()]);
  });

  it('lets a workload identity read a setting, follow its reference and read the secret', async () => {
    const { control, agent, azure } = world;
    const app = await control.createApp({ name: 'orders' });
    await control.registerIssuer({ issuer: cluster.issuer, caPem: cluster.caPem });
    await control.addFederatedCredential({
      clientId: app.clientId,
      issuer: cluster.issuer,
      subject: SUBJECT,
    });
    const { endpoint } = await control.createStore({ name: 'contoso' });
    const { uri } = await control.createVault({ name: 'contoso-kv' });
    await control.assignRole({
      role: 'AppConfigurationDataReader',
      principal: app.clientId,
      store: 'contoso',
    });
    await control.assignRole({ role: 'KeyVaultSecretsUser', principal: app.clientId, vault: 'contoso-kv' });
    await control.setSetting({ store: 'contoso', key: 'orders:color', value: 'red' });
    await control.setSecret({ vault: 'contoso-kv', name: 'db', value: 'hunter2' });
    await control.setKeyVaultReference({
      store: 'contoso',
      key: 'orders:db',
      vault: 'contoso-kv',
      secret: 'db',
    });

    const credential = assertionCredential(agent, { tenantId: azure.tenantId, clientId: app.clientId }, () =>
      cluster.mint(),
    );
    const settings = await all(
      storeClient(agent, endpoint, credential).listConfigurationSettings({ keyFilter: 'orders:*' }),
    );
    const secret = await secretClient(agent, uri, credential).getSecret('db');

    expect(settings.map(({ key }) => key)).to.deep.equal(['orders:color', 'orders:db']);
    expect(settings[1]?.contentType).to.equal(
      'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8',
    );
    expect(secret.value).to.equal('hunter2');
    const log = await control.requests();
    expect(log.filter(({ service }) => service === 'proxy')).to.have.length(3);
    expect(JSON.stringify(log)).not.to.include('hunter2');
    expect(log.find(({ service }) => service === 'appconfig')?.principal).to.equal(app.clientId);
  });

  it('opens no tunnel to a host outside Azure, nor to a store or vault that does not exist', async () => {
    const { control, agent } = world;
    await control.clearRequests();
    const hosts = ['example.com', 'nowhere.azconfig.io', 'nowhere.vault.azure.net'];
    const outcomes = await Promise.all(
      hosts.map((host) => send(agent, host, '/').then(String, (error: Error) => error.message)),
    );
    expect(outcomes.map((text) => /HTTP\/1\.1 (\d+)/.exec(text)?.[1])).to.deep.equal(['403', '502', '502']);
    const log = await control.requests({ service: 'proxy' });
    expect(log.map(({ status }) => status)).to.have.members([403, 502, 502]);
  });
});
