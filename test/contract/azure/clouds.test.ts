import { Resolver } from 'node:dns/promises';
import { KnownAppConfigAudience } from '@azure/app-configuration';
import { AzureAuthorityHosts } from '@azure/identity';
import { expect } from 'chai';
import { decodeJwt } from 'jose';
import type { AppInfo, AzureControl } from '../../../dev/azure/control/client.ts';
import { assertionCredential, fixedToken, secretClient, storeClient } from './clients.ts';
import { type ClusterIssuer, SUBJECT, startClusterIssuer } from './cluster-issuer.ts';
import { all, bodyOf, send } from './wire.ts';
import { API, AUDIENCES, startWorld, type World } from './world.ts';

const SOVEREIGN = [
  {
    title: 'US Government',
    name: 'usGovernment',
    login: 'login.microsoftonline.us',
    authority: AzureAuthorityHosts.AzureGovernment,
    sts: 'sts.windows.net',
    instance: 'microsoftonline.us',
    stores: 'azconfig.azure.us',
    vault: 'contoso-kv.vault.usgovcloudapi.net',
    storeAudience: KnownAppConfigAudience.AzureGovernment,
    vaultAudience: 'https://vault.usgovcloudapi.net',
  },
  {
    title: 'China',
    name: 'china',
    // The constant of the SDK is another name of the same Entra.
    login: 'login.partner.microsoftonline.cn',
    authority: AzureAuthorityHosts.AzureChina,
    sts: 'sts.chinacloudapi.cn',
    instance: 'partner.microsoftonline.cn',
    stores: 'azconfig.azure.cn',
    vault: 'contoso-kv.vault.azure.cn',
    storeAudience: KnownAppConfigAudience.AzureChina,
    vaultAudience: 'https://vault.azure.cn',
  },
] as const;
const PUBLIC = {
  login: 'login.microsoftonline.com',
  store: 'contoso.azconfig.io',
  vault: 'contoso-kv.vault.azure.net',
  audiences: AUDIENCES,
} as const;

for (const cloud of SOVEREIGN)
  describe(`${cloud.title} beside the public cloud (E)`, () => {
    const storeHost = `contoso.${cloud.stores}`;
    const audiences = { store: cloud.storeAudience, vault: cloud.vaultAudience };
    let world: World;
    let cluster: ClusterIssuer;
    let sovereign: AzureControl;
    /** An application of the same name and rights in each. */
    let apps: { readonly public: AppInfo; readonly sovereign: AppInfo };

    before(async () => {
      [world, cluster] = await Promise.all([startWorld(), startClusterIssuer()]);
      sovereign = world.azure[cloud.name].control;
    });
    beforeEach(async () => {
      await Promise.all([world.fresh(), sovereign.reset()]);
      const [publicApp, sovereignApp] = await Promise.all([
        furnish(world.control, 'public'),
        furnish(sovereign, 'sovereign'),
      ]);
      apps = { public: publicApp, sovereign: sovereignApp };
    });
    after(() => Promise.all([world.stop(), cluster.stop()]));

    async function furnish(control: AzureControl, value: string): Promise<AppInfo> {
      const app = await control.createApp({ name: 'orders' });
      const principal = app.clientId;
      await control.createStore({ name: 'contoso' });
      await control.assignRole({ role: 'AppConfigurationDataReader', principal, store: 'contoso' });
      await control.setSetting({ store: 'contoso', key: 'color', value });
      await control.setKeyVaultReference({ store: 'contoso', key: 'db', vault: 'contoso-kv', secret: 'db' });
      await control.createVault({ name: 'contoso-kv' });
      await control.assignRole({ role: 'KeyVaultSecretsUser', principal, vault: 'contoso-kv' });
      await control.setSecret({ vault: 'contoso-kv', name: 'db', value });
      await control.registerIssuer({ issuer: cluster.issuer, caPem: cluster.caPem });
      await control.addFederatedCredential({
        clientId: principal,
        issuer: cluster.issuer,
        subject: SUBJECT,
      });
      return app;
    }

    const credential = (authorityHost: string, { tenantId, clientId }: AppInfo) =>
      assertionCredential(world.agent, { tenantId, clientId }, () => cluster.mint(), { authorityHost });
    const failureOf = (call: Promise<unknown>): Promise<string> =>
      call.then(
        () => 'no failure',
        (error: Error) => error.message,
      );

    it('is read by the SDKs as a workload identity of its own Entra, with their own constants', async () => {
      const login = credential(cloud.authority, apps.sovereign);
      const endpoint = `https://${storeHost}`;
      const settings = await all(
        storeClient(world.agent, endpoint, login, 0, cloud.storeAudience).listConfigurationSettings({
          keyFilter: 'color',
        }),
      );
      expect(settings.map(({ value }) => value)).to.deep.equal(['sovereign']);
      // The client verifies that the resource of the challenge fits the host of the vault.
      const secret = await secretClient(world.agent, `https://${cloud.vault}`, login).getSecret('db');
      expect(secret.value).to.equal('sovereign');
      const log = await world.control.requests({ service: 'entra' });
      expect([...new Set(log.map(({ host }) => host))]).to.deep.equal([cloud.login]);
    });

    it('has stores and vaults that share nothing but a name with those of the public cloud', async () => {
      const login = credential(AzureAuthorityHosts.AzurePublicCloud, apps.public);
      const client = storeClient(world.agent, `https://${PUBLIC.store}`, login);
      expect((await client.getConfigurationSetting({ key: 'color' })).value).to.equal('public');
      const reference = await client.getConfigurationSetting({ key: 'db' });
      expect(reference.value).to.include(`https://${PUBLIC.vault}/secrets/db`);
      const theirs = (await sovereign.dump()).stores[0]?.settings.find(({ key }) => key === 'db');
      expect(theirs?.value).to.include(`https://${cloud.vault}/secrets/db`);
    });

    it('refuses the tokens of the public cloud, and the other way round, whatever audience they name', async () => {
      for (const [control, app, there] of [
        [world.control, apps.public, { store: storeHost, vault: cloud.vault }],
        [sovereign, apps.sovereign, PUBLIC],
      ] as const)
        for (const audience of [...Object.values(AUDIENCES), ...Object.values(audiences)]) {
          const token = await control.issueToken({ clientId: app.clientId, audience });
          const store = await send(world.agent, there.store, `/kv?${API}`, { token });
          expect(store.status, `${audience} at ${there.store}`).to.equal(401);
          const vault = await send(world.agent, there.vault, `/secrets/db?${API}`, { token });
          expect(vault.status, `${audience} at ${there.vault}`).to.equal(401);
        }
    });

    it('refuses its own tokens where they are for the audiences of the public cloud', async () => {
      const { clientId } = apps.sovereign;
      const [forStore, forVault] = await Promise.all(
        Object.values(AUDIENCES).map((audience) => sovereign.issueToken({ clientId, audience })),
      );
      const store = storeClient(world.agent, `https://${storeHost}`, fixedToken(forStore ?? ''));
      expect(await failureOf(store.getConfigurationSetting({ key: 'color' }))).to.match(/401|invalid_token/);
      const vault = await send(world.agent, cloud.vault, `/secrets/db?${API}`, { token: forVault ?? '' });
      expect(vault.text).to.include(`AKV10022: Invalid audience. Expected ${cloud.vaultAudience}.`);
    });

    it('knows neither tenants nor resources of the other', async () => {
      const strangers = [
        [cloud.authority, apps.public],
        [AzureAuthorityHosts.AzurePublicCloud, apps.sovereign],
      ] as const;
      for (const [authority, app] of strangers)
        expect(
          await failureOf(credential(authority, app).getToken(`${AUDIENCES.store}/.default`)),
        ).to.include('AADSTS90002');
      const login = credential(cloud.authority, apps.sovereign);
      for (const audience of Object.values(AUDIENCES))
        expect(await failureOf(login.getToken(`${audience}/.default`))).to.include('AADSTS500011');
      const token = await login.getToken(`${cloud.storeAudience}/.default`);
      expect(decodeJwt(token.token)).to.include({
        aud: cloud.storeAudience,
        iss: `https://${cloud.sts}/${world.azure[cloud.name].tenantId}/`,
      });
    });

    it('names its own Entra wherever it names one', async () => {
      const { tenantId } = world.azure[cloud.name];
      const vault = await send(world.agent, cloud.vault, '/secrets/db');
      expect(vault.headers['www-authenticate']).to.equal(
        `Bearer authorization="https://${cloud.login}/${tenantId}", resource="${cloud.vaultAudience}"`,
      );
      const metadata = await send(
        world.agent,
        cloud.login,
        `/${tenantId}/v2.0/.well-known/openid-configuration`,
      );
      expect(bodyOf<Record<string, string>>(metadata)).to.include({
        token_endpoint: `https://${cloud.login}/${tenantId}/oauth2/v2.0/token`,
        issuer: `https://${cloud.login}/${tenantId}/v2.0`,
        cloud_instance_name: cloud.instance,
      });
    });

    it('has replicas below its own domain', async () => {
      await sovereign.createReplica({ store: 'contoso', name: 'eu' });
      const resolver = new Resolver();
      resolver.setServers([world.azure.dnsServer]);
      const [first] = await resolver.resolveSrv(`_alt0._tcp.${storeHost}`);
      expect(first?.name).to.equal(`contoso-eu.${cloud.stores}`);
      const missing = await failureOf(resolver.resolveSrv(`_alt0._tcp.${PUBLIC.store}`));
      expect(missing).to.include('ENOTFOUND');
    });

    it('is emptied by its own reset, and comes back from its dump', async () => {
      const state = await sovereign.dump();
      await sovereign.reset();
      expect((await sovereign.dump()).stores).to.deep.equal([]);
      expect((await world.control.dump()).stores).to.have.length(1);
      await sovereign.seed(state);
      expect(await sovereign.dump()).to.deep.equal(state);
    });
  });
