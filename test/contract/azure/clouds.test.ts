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

const GOVERNMENT = {
  login: 'login.microsoftonline.us',
  store: 'contoso.azconfig.azure.us',
  vault: 'contoso-kv.vault.usgovcloudapi.net',
  audiences: { store: 'https://appconfig.azure.us', vault: 'https://vault.usgovcloudapi.net' },
} as const;
const PUBLIC = {
  login: 'login.microsoftonline.com',
  store: 'contoso.azconfig.io',
  vault: 'contoso-kv.vault.azure.net',
  audiences: AUDIENCES,
} as const;

describe('US Government beside the public cloud (E)', () => {
  let world: World;
  let cluster: ClusterIssuer;
  let government: AzureControl;
  /** An application of the same name and rights in each. */
  let apps: { readonly public: AppInfo; readonly government: AppInfo };

  before(async () => {
    [world, cluster] = await Promise.all([startWorld(), startClusterIssuer()]);
    government = world.azure.usGovernment.control;
  });
  beforeEach(async () => {
    await Promise.all([world.fresh(), government.reset()]);
    const [publicApp, governmentApp] = await Promise.all([
      furnish(world.control, 'public'),
      furnish(government, 'government'),
    ]);
    apps = { public: publicApp, government: governmentApp };
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
    const login = credential(AzureAuthorityHosts.AzureGovernment, apps.government);
    const endpoint = `https://${GOVERNMENT.store}`;
    const audience = KnownAppConfigAudience.AzureGovernment;
    const settings = await all(
      storeClient(world.agent, endpoint, login, 0, audience).listConfigurationSettings({
        keyFilter: 'color',
      }),
    );
    expect(settings.map(({ value }) => value)).to.deep.equal(['government']);
    // The client verifies that the resource of the challenge fits the host of the vault.
    const secret = await secretClient(world.agent, `https://${GOVERNMENT.vault}`, login).getSecret('db');
    expect(secret.value).to.equal('government');
    const log = await world.control.requests({ service: 'entra' });
    expect([...new Set(log.map(({ host }) => host))]).to.deep.equal([GOVERNMENT.login]);
  });

  it('has stores and vaults that share nothing but a name with those of the public cloud', async () => {
    const login = credential(AzureAuthorityHosts.AzurePublicCloud, apps.public);
    const client = storeClient(world.agent, `https://${PUBLIC.store}`, login);
    expect((await client.getConfigurationSetting({ key: 'color' })).value).to.equal('public');
    const reference = await client.getConfigurationSetting({ key: 'db' });
    expect(reference.value).to.include(`https://${PUBLIC.vault}/secrets/db`);
    const theirs = (await government.dump()).stores[0]?.settings.find(({ key }) => key === 'db');
    expect(theirs?.value).to.include(`https://${GOVERNMENT.vault}/secrets/db`);
  });

  it('refuses the tokens of the public cloud, and the other way round, whatever audience they name', async () => {
    for (const [control, app, there] of [
      [world.control, apps.public, GOVERNMENT],
      [government, apps.government, PUBLIC],
    ] as const)
      for (const audience of [...Object.values(AUDIENCES), ...Object.values(GOVERNMENT.audiences)]) {
        const token = await control.issueToken({ clientId: app.clientId, audience });
        const store = await send(world.agent, there.store, `/kv?${API}`, { token });
        expect(store.status, `${audience} at ${there.store}`).to.equal(401);
        const vault = await send(world.agent, there.vault, `/secrets/db?${API}`, { token });
        expect(vault.status, `${audience} at ${there.vault}`).to.equal(401);
      }
  });

  it('refuses its own tokens where they are for the audiences of the public cloud', async () => {
    const { clientId } = apps.government;
    const [forStore, forVault] = await Promise.all(
      Object.values(AUDIENCES).map((audience) => government.issueToken({ clientId, audience })),
    );
    const store = storeClient(world.agent, `https://${GOVERNMENT.store}`, fixedToken(forStore ?? ''));
    expect(await failureOf(store.getConfigurationSetting({ key: 'color' }))).to.match(/401|invalid_token/);
    const vault = await send(world.agent, GOVERNMENT.vault, `/secrets/db?${API}`, { token: forVault ?? '' });
    expect(vault.text).to.include(`AKV10022: Invalid audience. Expected ${GOVERNMENT.audiences.vault}.`);
  });

  it('knows neither tenants nor resources of the other', async () => {
    const strangers = [
      [AzureAuthorityHosts.AzureGovernment, apps.public],
      [AzureAuthorityHosts.AzurePublicCloud, apps.government],
    ] as const;
    for (const [authority, app] of strangers)
      expect(await failureOf(credential(authority, app).getToken(`${AUDIENCES.store}/.default`))).to.include(
        'AADSTS90002',
      );
    const login = credential(AzureAuthorityHosts.AzureGovernment, apps.government);
    for (const audience of Object.values(AUDIENCES))
      expect(await failureOf(login.getToken(`${audience}/.default`))).to.include('AADSTS500011');
    const own = await login.getToken(`${GOVERNMENT.audiences.store}/.default`);
    expect(decodeJwt(own.token)).to.include({
      aud: GOVERNMENT.audiences.store,
      iss: `https://sts.windows.net/${world.azure.usGovernment.tenantId}/`,
    });
  });

  it('names its own Entra wherever it names one', async () => {
    const { tenantId } = world.azure.usGovernment;
    const vault = await send(world.agent, GOVERNMENT.vault, '/secrets/db');
    expect(vault.headers['www-authenticate']).to.equal(
      `Bearer authorization="https://${GOVERNMENT.login}/${tenantId}", resource="${GOVERNMENT.audiences.vault}"`,
    );
    const metadata = await send(
      world.agent,
      GOVERNMENT.login,
      `/${tenantId}/v2.0/.well-known/openid-configuration`,
    );
    expect(bodyOf<Record<string, string>>(metadata)).to.include({
      token_endpoint: `https://${GOVERNMENT.login}/${tenantId}/oauth2/v2.0/token`,
      issuer: `https://${GOVERNMENT.login}/${tenantId}/v2.0`,
      cloud_instance_name: 'microsoftonline.us',
    });
  });

  it('has replicas below its own domain', async () => {
    await government.createReplica({ store: 'contoso', name: 'eu' });
    const resolver = new Resolver();
    resolver.setServers([world.azure.dnsServer]);
    const [first] = await resolver.resolveSrv(`_alt0._tcp.${GOVERNMENT.store}`);
    expect(first?.name).to.equal('contoso-eu.azconfig.azure.us');
    const missing = await failureOf(resolver.resolveSrv(`_alt0._tcp.${PUBLIC.store}`));
    expect(missing).to.include('ENOTFOUND');
  });

  it('is emptied by its own reset, and comes back from its dump', async () => {
    const state = await government.dump();
    await government.reset();
    expect((await government.dump()).stores).to.deep.equal([]);
    expect((await world.control.dump()).stores).to.have.length(1);
    await government.seed(state);
    expect(await government.dump()).to.deep.equal(state);
  });
});
