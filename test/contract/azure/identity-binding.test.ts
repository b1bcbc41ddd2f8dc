import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkloadIdentityCredential } from '@azure/identity';
import { expect } from 'chai';
import { decodeJwt } from 'jose';
import type { AppInfo } from '../../../dev/azure/control/client.ts';
import type { IdentityProxy } from '../../../dev/azure/identitybinding/server.ts';
import { type ClusterIssuer, type MintOptions, SUBJECT, startClusterIssuer } from './cluster-issuer.ts';
import { startWorld, type World } from './world.ts';

const AUDIENCE = 'api://AKSIdentityBinding';
const SCOPE = 'https://vault.azure.net/.default';

describe('the proxy for AKS identity bindings', () => {
  let world: World;
  let cluster: ClusterIssuer;
  let proxy: IdentityProxy;
  let folder: string;
  let app: AppInfo;
  /** What RBAC of the cluster would say. */
  const allowed = new Set<string>();

  before(async () => {
    [world, cluster, folder] = await Promise.all([
      startWorld(),
      startClusterIssuer(),
      mkdtemp(join(tmpdir(), 'identity-binding-')),
    ]);
    proxy = await world.azure.startIdentityProxy(async (subject, clientId) =>
      allowed.has(`${subject} ${clientId}`),
    );
  });
  beforeEach(async () => {
    await world.fresh();
    allowed.clear();
    app = await world.control.createApp({ name: 'orders' });
    await world.control.registerIssuer({ issuer: cluster.issuer, caPem: cluster.caPem });
    await world.control.createIdentityBinding({ clientId: app.clientId });
    allowed.add(`${SUBJECT} ${app.clientId}`);
  });
  after(async () => {
    await proxy.stop();
    await Promise.all([world.stop(), cluster.stop(), rm(folder, { recursive: true })]);
  });

  /** The SDK as in a pod that the webhook has changed; what it gets. */
  async function viaSdk(mint: MintOptions = {}, env: Record<string, string> = proxy.env()): Promise<string> {
    const tokenFilePath = join(folder, 'token');
    await writeFile(tokenFilePath, await cluster.mint({ audience: AUDIENCE, ...mint }));
    const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, env);
    try {
      const credential = new WorkloadIdentityCredential({
        tenantId: world.azure.tenantId,
        clientId: app.clientId,
        tokenFilePath,
        enableAzureProxy: true,
        retryOptions: { maxRetries: 0 },
      });
      return (await credential.getToken(SCOPE)).token;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      for (const [name, value] of before)
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
    }
  }

  it('gives the SDK a token of the managed identity, which has no federated credential for the cluster', async () => {
    const token = await viaSdk();
    expect(decodeJwt(token)).to.include({ appid: app.clientId, aud: 'https://vault.azure.net' });
    const seen = await world.control.requests({});
    expect(seen.map(({ service, path }) => `${service} ${path}`)).to.deep.equal([
      `identitybinding /${world.azure.tenantId}/oauth2/v2.0/token`,
    ]);
  });

  it('takes tokens of the audience for identity bindings only, valid ones of a known issuer', async () => {
    const refused: readonly MintOptions[] = [
      { audience: 'api://AzureADTokenExchange' },
      { forged: true },
      { expiresIn: -60 },
      { issuer: 'https://elsewhere.example' },
    ];
    for (const mint of refused) expect(await viaSdk(mint), JSON.stringify(mint)).to.include('access_denied');
  });

  it('refuses a ServiceAccount that may not use the identity', async () => {
    expect(await viaSdk({ subject: 'system:serviceaccount:shop:other' })).to.include('access_denied');
    allowed.clear();
    expect(await viaSdk()).to.include('access_denied');
  });

  it('passes on what Entra says of an identity without an identity binding', async () => {
    await world.control.removeIdentityBinding({ clientId: app.clientId });
    expect(await viaSdk()).to.include('AADSTS70025');
    const other = { issuer: cluster.issuer, subject: SUBJECT };
    await world.control.addFederatedCredential({ clientId: app.clientId, ...other });
    expect(await viaSdk()).to.include('AADSTS700211');
  });

  it('takes connections under its own server name only', async () => {
    const { AZURE_KUBERNETES_SNI_NAME: _, ...nameless } = proxy.env();
    expect(await viaSdk({}, nameless)).to.not.match(/^ey/);
    expect(await viaSdk({}, { ...proxy.env(), AZURE_KUBERNETES_SNI_NAME: 'other.ests.aks' })).to.not.match(
      /^ey/,
    );
    const attempt = (servername: string, ca: string) =>
      fetchThrough(new Agent({ servername, ca }), proxy.url);
    expect(await attempt(proxy.serverName, proxy.caPem)).to.equal('answered');
    expect(await attempt(proxy.serverName, world.azure.caPem)).to.equal('refused');
  });
});

function fetchThrough(agent: Agent, url: string): Promise<'answered' | 'refused'> {
  return new Promise((resolve) => {
    const call = request(url, { agent, path: '/' }, (response) => {
      response.resume();
      resolve('answered');
      agent.destroy();
    });
    call.on('error', () => resolve('refused'));
    call.end();
  });
}
