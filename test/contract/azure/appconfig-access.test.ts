import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { bodyOf, send } from './wire.ts';
import { API, AUDIENCES, contosoStore, type StoreWorld, startWorld, type World } from './world.ts';

describe('App Configuration: who may call', () => {
  let world: World;
  let store: StoreWorld;
  const role = { store: 'contoso' };

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    store = await contosoStore(world);
  });
  after(() => world.stop());

  const tokenFor = (input: {
    audience?: string;
    lifetimeSeconds?: number;
    issuer?: string;
    foreignKey?: boolean;
  }) => world.control.issueToken({ clientId: store.app.clientId, audience: AUDIENCES.store, ...input });

  it('answers a request without a token with 401, both schemes and no body', async () => {
    const wire = await send(world.agent, store.host, `/kv?${API}`);
    expect([wire.status, wire.text]).to.deep.equal([401, '']);
    expect(wire.headers['www-authenticate']).to.equal('HMAC-SHA256, Bearer');
  });

  const broken = {
    'an expired token': { lifetimeSeconds: -10 },
    'a token for another audience': { audience: AUDIENCES.vault },
    'a token of another issuer': { issuer: `https://sts.windows.net/${randomUUID()}/` },
    'a token signed by another key': { foreignKey: true },
  };
  for (const [what, input] of Object.entries(broken)) {
    it(`answers ${what} with 401 and invalid_token`, async () => {
      const wire = await store.call(`/kv?${API}`, { token: await tokenFor(input) });
      expect([wire.status, wire.text]).to.deep.equal([401, '']);
      expect(wire.headers['www-authenticate']).to.match(
        /^HMAC-SHA256, Bearer error="invalid_token", error_description="/,
      );
    });
  }

  it('answers a token of another tenant with 401', async () => {
    const { id } = await world.control.createTenant({ name: 'fabrikam.example' });
    const app = await world.control.createApp({ name: 'stranger', tenantId: id });
    const token = await world.control.issueToken({ clientId: app.clientId, audience: AUDIENCES.store });
    expect((await store.call(`/kv?${API}`, { token })).status).to.equal(401);
  });

  it('answers text that is no token, and access keys, with 401', async () => {
    expect((await store.call(`/kv?${API}`, { token: 'nonsense' })).status).to.equal(401);
    const authorization = 'HMAC-SHA256 Credential=x&SignedHeaders=host&Signature=eA==';
    const wire = await send(world.agent, store.host, `/kv?${API}`, { headers: { authorization } });
    expect(wire.headers['www-authenticate']).to.match(/^HMAC-SHA256 error="invalid_token"/);
  });

  it('accepts every audience of the public cloud, and the store itself, without case', async () => {
    for (const audience of [
      'https://azconfig.io',
      'https://appconfig.azure.com',
      'https://CONTOSO.azconfig.io',
    ]) {
      const wire = await store.call(`/kv?${API}`, { token: await tokenFor({ audience }) });
      expect(wire.status, audience).to.equal(200);
    }
  });

  it('stops accepting a token when the clock passes its end', async () => {
    expect((await store.call(`/kv?${API}`)).status).to.equal(200);
    await world.control.setClock({ advanceMs: 3_600_000 });
    expect((await store.call(`/kv?${API}`)).status).to.equal(401);
  });

  it('lets a Data Owner write, a Data Reader only read, and nobody without a role do anything', async () => {
    const { clientId } = store.app;
    const write = () => store.call(`/kv/a?${API}`, { method: 'PUT', body: '{"value":"1"}' });
    const read = () => store.call(`/kv?${API}`);
    expect((await write()).status).to.equal(200);
    await world.control.removeRole({ ...role, role: 'AppConfigurationDataOwner', principal: clientId });
    await world.control.assignRole({ ...role, role: 'AppConfigurationDataReader', principal: clientId });
    const refusedWrite = await write();
    expect([refusedWrite.status, refusedWrite.text]).to.deep.equal([403, '']);
    expect((await read()).status).to.equal(200);
    await world.control.removeRole({ ...role, role: 'AppConfigurationDataReader', principal: clientId });
    const refusedRead = await read();
    expect([refusedRead.status, refusedRead.text]).to.deep.equal([403, '']);
  });

  it('answers a closed network with 403 and the problem that names it, on HEAD without the body', async () => {
    await world.control.setStoreNetwork({ store: 'contoso', access: 'denied' });
    const wire = await store.call(`/kv?${API}`);
    const head = await store.call(`/kv?${API}`, { method: 'HEAD' });
    expect(wire.status).to.equal(403);
    expect(bodyOf(wire)).to.include({ type: 'https://azconfig.io/errors/ip-address-rejected', status: 403 });
    expect([head.status, head.text]).to.deep.equal([403, '']);
    const failure = await store.client.getConfigurationSetting({ key: 'a' }).catch((error: unknown) => error);
    expect(failure).to.have.nested.property('details.type', 'https://azconfig.io/errors/ip-address-rejected');
    await world.control.setStoreNetwork({ store: 'contoso', access: 'open' });
    expect((await store.call(`/kv?${API}`)).status).to.equal(200);
  });

  it('breaks the connection to a store that has been deleted, and opens no new one', async () => {
    expect((await store.call(`/kv?${API}`)).status).to.equal(200);
    await world.control.deleteStore('contoso');
    const outcome = () => store.call(`/kv?${API}`).then(String, (error: Error) => error.message);
    expect(await outcome()).to.match(/hang up|ECONNRESET|502/);
    expect(await outcome()).to.match(/502/);
  });
});
