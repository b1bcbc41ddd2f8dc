import { expect } from 'chai';
import { assertionCredential, fixedToken, secretClient } from './clients.ts';
import { bodyOf, send } from './wire.ts';
import { AUDIENCES, contosoVault, startWorld, type World } from './world.ts';

const API = 'api-version=2026-04-01';

interface Failure {
  readonly name: string;
  readonly statusCode?: number;
  readonly code?: string;
  readonly message: string;
  readonly details?: { error?: { innerError?: { code?: string } } };
}

describe('Key Vault: who may call', () => {
  let world: World;
  let vault: Awaited<ReturnType<typeof contosoVault>>;
  const read = (client = vault.client) => client.getSecret('db').catch((error: Failure) => error);
  const inner = (failure: unknown) => (failure as Failure).details?.error?.innerError?.code;

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    vault = await contosoVault(world);
    await world.control.setSecret({ vault: 'contoso-kv', name: 'db', value: 'x' });
  });
  after(() => world.stop());

  it('challenges a request without a token with tenant and resource, before anything else', async () => {
    for (const target of ['/secrets/db/', '/secrets/none', '/nonsense']) {
      const wire = await send(world.agent, vault.host, target);
      expect(wire.status).to.equal(401);
      expect(wire.headers['www-authenticate']).to.equal(
        `Bearer authorization="https://login.microsoftonline.com/${world.azure.tenantId}", resource="https://vault.azure.net"`,
      );
      expect(bodyOf(wire)).to.deep.equal({
        error: { code: 'Unauthorized', message: 'AKV10000: Request is missing a Bearer or PoP token.' },
      });
    }
  });

  it('challenges again for a token that is expired, for another audience, of another issuer or key', async () => {
    const { clientId } = vault.app;
    for (const [input, code] of [
      [{ lifetimeSeconds: -1 }, 'AKV10005'],
      [{ audience: AUDIENCES.store }, 'AKV10022'],
      [{ issuer: 'https://sts.windows.net/other/' }, 'AKV10032'],
      [{ foreignKey: true }, 'AKV10001'],
    ] as const) {
      const token = await world.control.issueToken({ clientId, audience: AUDIENCES.vault, ...input });
      const wire = await vault.call(`/secrets/db?${API}`, { token });
      expect(wire.status).to.equal(401);
      expect(wire.text).to.include(code);
      expect(wire.headers).to.have.property('www-authenticate');
    }
  });

  it('lets the SDK answer the challenge once per client, with and without checking its resource', async () => {
    for (const disableChallengeResourceVerification of [false, true]) {
      await world.control.clearRequests();
      const options = { disableChallengeResourceVerification };
      const client = secretClient(world.agent, vault.uri, fixedToken(vault.token), options);
      await client.getSecret('db');
      await client.getSecret('db');
      const log = await world.control.requests({ service: 'keyvault' });
      expect(log.map(({ status }) => status)).to.deep.equal([401, 200, 200]);
    }
  });

  it('names its own tenant, which the SDK refuses for a credential of another', async () => {
    const { id } = await world.control.createTenant({ name: 'fabrikam.example' });
    const { uri } = await world.control.createVault({ name: 'fabrikam-kv', tenantId: id });
    const ids = { tenantId: world.azure.tenantId, clientId: vault.app.clientId };
    const credential = assertionCredential(world.agent, ids, async () => 'unused');
    const failure = await secretClient(world.agent, uri, credential)
      .getSecret('db')
      .catch((error: Failure) => error);
    expect((failure as Failure).message).to.match(/additionallyAllowedTenants/i);
  });

  it('refuses a caller without a role with 403 ForbiddenByRbac, naming caller, action and resource', async () => {
    const principal = vault.app.clientId;
    await world.control.removeRole({ role: 'KeyVaultSecretsOfficer', principal, vault: 'contoso-kv' });
    const failure = (await read()) as Failure;
    expect([failure.statusCode, failure.code, inner(failure)]).to.deep.equal([
      403,
      'Forbidden',
      'ForbiddenByRbac',
    ]);
    expect(failure.message).to.match(/^Caller is not authorized to perform action on resource\.\r\n/);
    expect(failure.message).to.include(
      `Caller: appid=${principal};oid=${vault.app.objectId};iss=https://sts`,
    );
    expect(failure.message).to.include("Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'");
    expect(failure.message).to.match(/Resource: '\/subscriptions\/.*\/vaults\/contoso-kv\/secrets\/db'/);
    const log = await world.control.requests({ service: 'keyvault', status: 403 });
    expect(log.map(({ code, principal: caller }) => [code, caller])).to.deep.equal([
      ['ForbiddenByRbac', principal],
    ]);
  });

  it('lets a Secrets User read but not write', async () => {
    const principal = vault.app.clientId;
    await world.control.removeRole({ role: 'KeyVaultSecretsOfficer', principal, vault: 'contoso-kv' });
    await world.control.assignRole({ role: 'KeyVaultSecretsUser', principal, vault: 'contoso-kv' });
    expect(await read()).to.have.property('value', 'x');
    const failure = await vault.client.setSecret('db', 'y').catch((error: Failure) => error);
    expect((failure as Failure).message).to.include('setSecret/action');
  });

  it('refuses with 403 AccessDenied in a vault with access policies', async () => {
    const strict = await contosoVault(world, 'accessPolicy');
    const principal = strict.app.clientId;
    await world.control.removeRole({ role: 'KeyVaultSecretsOfficer', principal, vault: 'contoso-kv' });
    const failure = (await read(strict.client)) as Failure;
    expect(inner(failure)).to.equal('AccessDenied');
    expect(failure.message).to.match(
      /^The user, group or application 'appid=.*' does not have secrets get permission/,
    );
  });

  it('refuses with 403 ForbiddenByFirewall or ForbiddenByConnection when the network is closed', async () => {
    await world.control.setVaultNetwork({ vault: 'contoso-kv', access: 'firewall' });
    expect(inner(await read())).to.equal('ForbiddenByFirewall');
    await world.control.setVaultNetwork({ vault: 'contoso-kv', access: 'privateOnly' });
    const failure = (await read()) as Failure;
    expect([failure.statusCode, inner(failure)]).to.deep.equal([403, 'ForbiddenByConnection']);
    expect(failure.message).to.match(/^Public network access is disabled/);
  });

  it('throttles with 429 without Retry-After, which the SDK throws at once, or with one, which it retries', async () => {
    const client = secretClient(world.agent, vault.uri, fixedToken(vault.token), {
      retryOptions: { maxRetries: 2 },
    });
    await read(client);
    await world.control.clearRequests();
    await world.control.addFault({ service: 'keyvault', status: 429, count: 1 });
    const failure = (await read(client)) as Failure;
    expect([failure.statusCode, failure.code]).to.deep.equal([429, 'Throttled']);
    expect(failure.message).to.include('VaultRequestTypeLimitReached');
    await world.control.addFault({
      service: 'keyvault',
      status: 429,
      count: 1,
      headers: { 'retry-after': '0' },
    });
    expect(await read(client)).to.have.property('value', 'x');
    const log = await world.control.requests({ service: 'keyvault' });
    expect(log.map(({ status }) => status)).to.deep.equal([429, 429, 200]);
  });
});
