import { expect } from 'chai';
import { importJWK, type JWK, jwtVerify } from 'jose';
import type { AppInfo } from '../../../dev/azure/control/client.ts';
import { assertionCredential } from './clients.ts';
import {
  type ClusterIssuer,
  EXCHANGE_AUDIENCE,
  type MintOptions,
  SUBJECT,
  startClusterIssuer,
} from './cluster-issuer.ts';
import { bodyOf, send, type Wire } from './wire.ts';
import { startWorld, type World } from './world.ts';

const LOGIN = 'login.microsoftonline.com';
const SCOPE = 'https://vault.azure.net/.default';

interface TokenAnswer {
  readonly access_token: string;
  readonly expires_in: number;
  readonly error: string;
  readonly error_description: string;
  readonly error_codes: number[];
}

describe('Entra: tokens for workload identities', () => {
  let world: World;
  let cluster: ClusterIssuer;
  let app: AppInfo;

  before(async () => {
    [world, cluster] = await Promise.all([startWorld(), startClusterIssuer()]);
  });
  beforeEach(async () => {
    await world.fresh();
    cluster.setDown(false);
    app = await world.control.createApp({ name: 'orders' });
    await world.control.registerIssuer({ issuer: cluster.issuer, caPem: cluster.caPem });
    await federate({});
  });
  after(() => Promise.all([world.stop(), cluster.stop()]));

  const federate = (input: { issuer?: string; subject?: string; audience?: string }) =>
    world.control.addFederatedCredential({
      clientId: app.clientId,
      issuer: cluster.issuer,
      subject: SUBJECT,
      audience: EXCHANGE_AUDIENCE,
      ...input,
    });
  const unfederate = () => world.control.removeFederatedCredential({ clientId: app.clientId });

  /** A token request by hand; null drops a parameter. */
  async function ask(
    form: Record<string, string | null> = {},
    mint: MintOptions = {},
    tenant = world.azure.tenantId,
  ): Promise<Wire> {
    const all: Record<string, string | null> = {
      client_id: app.clientId,
      scope: SCOPE,
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await cluster.mint(mint),
      ...form,
    };
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(all)) if (value !== null) body.set(name, value);
    const headers = { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' };
    return send(world.agent, LOGIN, `/${tenant}/oauth2/v2.0/token`, {
      method: 'POST',
      headers,
      body: String(body),
    });
  }

  async function refused(wire: Promise<Wire>, status: number, error: string, code: number): Promise<string> {
    const answer = await wire;
    const body = bodyOf<TokenAnswer>(answer);
    expect(body.error_codes, answer.text).to.deep.equal([code]);
    expect([answer.status, body.error]).to.deep.equal([status, error]);
    expect(body.error_description).to.match(new RegExp(`^AADSTS${code}: .* Trace ID: .* Timestamp: .*Z$`));
    const record = (await world.control.requests({ service: 'entra' })).at(-1);
    expect(record?.code).to.equal(`AADSTS${code}`);
    return body.error_description;
  }

  it('serves instance discovery, tenant metadata and its own keys', async () => {
    const { tenantId } = world.azure;
    const endpoint = encodeURIComponent(`https://${LOGIN}/${tenantId}/oauth2/v2.0/authorize`);
    const discovery = await send(
      world.agent,
      LOGIN,
      `/common/discovery/instance?api-version=1.1&authorization_endpoint=${endpoint}`,
    );
    expect(bodyOf<{ tenant_discovery_endpoint: string }>(discovery).tenant_discovery_endpoint).to.equal(
      `https://${LOGIN}/${tenantId}/v2.0/.well-known/openid-configuration`,
    );
    const metadata = await send(world.agent, LOGIN, `/${tenantId}/v2.0/.well-known/openid-configuration`);
    const { token_endpoint, jwks_uri, issuer } = bodyOf<Record<string, string>>(metadata);
    expect(token_endpoint).to.equal(`https://${LOGIN}/${tenantId}/oauth2/v2.0/token`);
    expect(issuer).to.equal(`https://${LOGIN}/${tenantId}/v2.0`);
    const keys = await send(world.agent, LOGIN, new URL(jwks_uri ?? '').pathname);
    expect(bodyOf<{ keys: object[] }>(keys).keys).to.have.length(1);
  });

  it('exchanges a cluster’s token for one with the claims of the v1 form', async () => {
    const wire = await ask();
    const { access_token, expires_in } = bodyOf<TokenAnswer>(wire);
    expect([wire.status, wire.headers['cache-control'], expires_in]).to.deep.equal([200, 'no-store', 3599]);
    const jwks = bodyOf<{ keys: JWK[] }>(await send(world.agent, LOGIN, '/common/discovery/v2.0/keys'));
    const { payload } = await jwtVerify(access_token, await importJWK(jwks.keys[0] ?? {}, 'RS256'));
    const { tenantId } = world.azure;
    expect(payload).to.include({
      aud: 'https://vault.azure.net',
      iss: `https://sts.windows.net/${tenantId}/`,
      appid: app.clientId,
      oid: app.objectId,
      sub: app.objectId,
      tid: tenantId,
      ver: '1.0',
      idtyp: 'app',
    });
  });

  it('gives the SDK a token, and asks the cluster for its keys only once', async () => {
    const before = cluster.asked.length;
    for (let round = 0; round < 3; round += 1) {
      const credential = assertionCredential(world.agent, { ...app }, () => cluster.mint());
      expect((await credential.getToken(SCOPE)).token).to.match(/^ey/);
    }
    expect(cluster.asked.slice(before)).to.deep.equal([
      '/.well-known/openid-configuration',
      '/openid/v1/jwks',
    ]);
  });

  it('refuses an issuer that differs by a trailing slash with 700211', async () => {
    await unfederate();
    await federate({ issuer: `${cluster.issuer}/` });
    const text = await refused(ask(), 401, 'invalid_client', 700211);
    expect(text).to.include(`presented assertion issuer '${cluster.issuer}'`);
    expect(text).to.include('https://learn.microsoft.com/entra/workload-id/workload-identity-federation');
  });

  it('refuses another subject with 700213, and one that differs by case with 7002138', async () => {
    const other = await refused(
      ask({}, { subject: 'system:serviceaccount:shop:web' }),
      401,
      'invalid_client',
      700213,
    );
    expect(other).to.include("presented assertion subject 'system:serviceaccount:shop:web'");
    await refused(ask({}, { subject: 'system:serviceaccount:Shop:orders' }), 401, 'invalid_client', 7002138);
  });

  it('refuses another audience with 700212', async () => {
    const text = await refused(ask({}, { audience: 'api://other' }), 401, 'invalid_client', 700212);
    expect(text).to.include("presented assertion audience 'api://other'");
  });

  it('refuses an app without federated credentials with 70025', async () => {
    await unfederate();
    const text = await refused(ask(), 401, 'invalid_client', 70025);
    expect(text).to.include(
      `The client '${app.clientId}'(orders) has no configured federated identity credentials.`,
    );
  });

  it('refuses an unknown app with 700016, a disabled one with 7000112, an unknown tenant with 90002', async () => {
    const unknown = '11111111-2222-4333-8444-555555555555';
    const text = await refused(ask({ client_id: unknown }), 400, 'unauthorized_client', 700016);
    expect(text).to.include(`identifier '${unknown}' was not found in the directory 'contoso.example'`);
    await world.control.setAppDisabled({ clientId: app.clientId, disabled: true });
    await refused(ask(), 400, 'unauthorized_client', 7000112);
    const tenant = await refused(ask({}, {}, unknown), 400, 'invalid_request', 90002);
    expect(tenant).to.include(`Tenant '${unknown}' not found.`);
    const metadata = await send(world.agent, LOGIN, `/${unknown}/v2.0/.well-known/openid-configuration`);
    expect(bodyOf<TokenAnswer>(metadata).error_codes).to.deep.equal([90002]);
  });

  it('finds an app only in its own tenant', async () => {
    const { id } = await world.control.createTenant({ name: 'fabrikam.example' });
    await refused(ask({}, {}, id), 400, 'unauthorized_client', 700016);
  });

  it('refuses an expired assertion with 700024, and any once the clock has passed its end', async () => {
    await refused(ask({}, { expiresIn: -60 }), 401, 'invalid_client', 700024);
    await world.control.setClock({ offsetMs: 2 * 3_600_000 });
    const text = await refused(ask(), 401, 'invalid_client', 700024);
    expect(text).to.match(/Current time: .*, assertion valid from .*, expiry time of assertion/);
  });

  it('reads the cluster’s keys again when it meets an unknown key id', async () => {
    expect((await ask()).status).to.equal(200);
    await cluster.rotate();
    expect((await ask()).status).to.equal(200);
  });

  it('refuses a forged signature and an ES256 assertion with 700027', async () => {
    await refused(ask({}, { forged: true }), 401, 'invalid_client', 700027);
    await refused(ask({}, { algorithm: 'ES256' }), 401, 'invalid_client', 700027);
  });

  it('refuses with 90061 while the cluster’s keys cannot be read, and recovers', async () => {
    cluster.setDown(true);
    await refused(ask(), 400, 'invalid_request', 90061);
    cluster.setDown(false);
    expect((await ask()).status).to.equal(200);
  });

  it('refuses an issuer that nobody registered with 90061', async () => {
    const issuer = 'https://127.0.0.1:1';
    await federate({ issuer });
    await refused(ask({}, { issuer }), 400, 'invalid_request', 90061);
  });

  it('refuses a scope that is not one resource’s default with 70011', async () => {
    for (const scope of ['https://vault.azure.net', `${SCOPE} https://azconfig.io/.default`, 'openid']) {
      await refused(ask({ scope }), 400, 'invalid_scope', 70011);
    }
  });

  it('refuses an unknown resource with 500011, and knows every store’s own address', async () => {
    const text = await refused(ask({ scope: 'https://x.example/.default' }), 400, 'invalid_resource', 500011);
    expect(text).to.include('The resource principal named https://x.example was not found in the tenant');
    await world.control.createStore({ name: 'contoso' });
    for (const resource of [
      'https://contoso.azconfig.io',
      'https://azconfig.io',
      'https://appconfig.azure.com',
    ]) {
      expect((await ask({ scope: `${resource}/.default` })).status, resource).to.equal(200);
    }
  });

  it('refuses a missing parameter with 900144, a missing proof with 7000218, a malformed assertion with 50027', async () => {
    for (const name of ['client_id', 'scope', 'grant_type', 'client_assertion_type']) {
      const text = await refused(ask({ [name]: null }), 400, 'invalid_request', 900144);
      expect(text).to.include(`must contain the following parameter: '${name}'.`);
    }
    await refused(ask({ client_assertion: null }), 401, 'invalid_client', 7000218);
    await refused(ask({ client_assertion: 'nonsense' }), 401, 'invalid_client', 50027);
  });

  it('throttles with 429 and Retry-After, which the SDK retries', async () => {
    await world.control.addFault({
      service: 'entra',
      status: 429,
      count: 1,
      headers: { 'Retry-After': '0' },
    });
    const credential = assertionCredential(world.agent, { ...app }, () => cluster.mint(), {
      retryOptions: { maxRetries: 2 },
    });
    expect((await credential.getToken(SCOPE)).token).to.match(/^ey/);
    await world.control.addFault({ service: 'entra', status: 429, count: 1 });
    const wire = await ask();
    expect([
      wire.status,
      wire.headers['retry-after'],
      bodyOf<TokenAnswer>(wire).error_codes[0],
    ]).to.deep.equal([429, '1', 90055]);
  });

  it('surfaces its code in the SDK’s error text', async () => {
    await unfederate();
    const credential = assertionCredential(world.agent, { ...app }, () => cluster.mint());
    const failure = await credential.getToken(SCOPE).catch((error: Error) => error);
    expect(failure).to.have.property('name', 'AuthenticationRequiredError');
    expect(failure).to.have.property('message').that.includes('AADSTS70025');
  });

  it('issues tokens of the set lifetime, which the SDK renews five minutes before their end', async () => {
    const count = async () => (await world.control.requests({ service: 'entra', method: 'POST' })).length;
    await world.control.setTokenLifetime(301 + 60);
    const lasting = assertionCredential(world.agent, { ...app }, () => cluster.mint());
    await lasting.getToken(SCOPE);
    await lasting.getToken(SCOPE);
    expect(await count()).to.equal(1);
    await world.control.setTokenLifetime(299);
    const brief = assertionCredential(world.agent, { ...app }, () => cluster.mint());
    await brief.getToken(SCOPE);
    await brief.getToken(SCOPE);
    expect(await count()).to.equal(3);
  });
});
