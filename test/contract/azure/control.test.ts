import { expect } from 'chai';
import { AzureControl } from '../../../dev/azure/control/client.ts';
import { bodyOf } from './wire.ts';
import { API, contosoStore, contosoVault, startWorld, type World } from './world.ts';

describe('pretend Azure: control API', () => {
  let world: World;

  before(async () => {
    world = await startWorld();
  });
  beforeEach(() => world.fresh());
  after(() => world.stop());

  it('dumps a state that, seeded into an empty one, answers the same with the same etags', async () => {
    const { control } = world;
    const store = await contosoStore(world);
    await contosoVault(world);
    await control.addFederatedCredential({ clientId: store.app.clientId, issuer: 'https://i', subject: 's' });
    await control.setSetting({ store: 'contoso', key: 'a', label: 'dev', value: '1', tags: { t: null } });
    await control.lockSetting({ store: 'contoso', key: 'a', label: 'dev', locked: true });
    await control.createReplica({ store: 'contoso', name: 'eu', staleBy: 1, ownPageEtags: true });
    await control.setStoreNetwork({ store: 'contoso-eu', access: 'black-hole' });
    await control.setLocalAuth({ store: 'contoso', enabled: false });
    await control.createSnapshot({ store: 'contoso', name: 'rel', filters: [{ key: 'a', label: 'dev' }] });
    await control.archiveSnapshot({ store: 'contoso', name: 'rel' });
    await control.setSecret({ vault: 'contoso-kv', name: 'db', value: 'one', expires: 1 });
    await control.setSecret({ vault: 'contoso-kv', name: 'db', value: 'two', enabled: false });
    await control.deleteSecret({ vault: 'contoso-kv', name: 'db' });
    const listed = await store.call(`/kv?${API}`);
    const content = await store.call(`/kv?snapshot=rel&${API}`);
    const document = await control.dump();
    await control.reset();
    expect((await control.dump()).stores).to.deep.equal([]);
    await control.seed(document);
    expect(await control.dump()).to.deep.equal(document);
    expect((await store.call(`/kv?${API}`)).text).to.equal(listed.text);
    expect((await store.call(`/kv?snapshot=rel&${API}`)).text).to.equal(content.text);
  });

  it('filters the request log and never writes tokens or secret values into it', async () => {
    const store = await contosoStore(world);
    const vault = await contosoVault(world);
    await world.control.setSecret({ vault: 'contoso-kv', name: 'db', value: 'canary-value' });
    await store.call(`/kv?${API}`, { method: 'HEAD', headers: { 'if-none-match': '"x"' } });
    await vault.client.getSecret('db');
    const [head] = await world.control.requests({ service: 'appconfig', method: 'HEAD', host: store.host });
    expect(head).to.include({ path: '/kv', query: API, status: 200, principal: store.app.clientId });
    expect(head?.conditional).to.deep.equal({ header: 'if-none-match', etag: '"x"' });
    const log = await world.control.requests();
    expect(await world.control.requests({ since: log.at(-1)?.sequence })).to.deep.equal([]);
    expect(await world.control.requests({ status: 401, service: 'keyvault' })).to.have.length(1);
    expect(JSON.stringify(log)).not.to.include('canary-value').and.not.to.include(store.token);
    await world.control.clearRequests();
    expect(await world.control.requests()).to.deep.equal([]);
  });

  it('freezes, moves and releases the clock', async () => {
    const { control } = world;
    expect(await control.setClock({ freezeAt: '2026-01-01T00:00:00Z' })).to.deep.equal({
      now: '2026-01-01T00:00:00.000Z',
    });
    expect((await control.setClock({ advanceMs: 1500 })).now).to.equal('2026-01-01T00:00:01.500Z');
    expect(Date.parse((await control.setClock({ offsetMs: 0 })).now)).to.be.closeTo(Date.now(), 60_000);
  });

  it('writes a Key Vault reference with the exact content type and uri', async () => {
    const store = await contosoStore(world);
    const reference = {
      store: 'contoso',
      key: 'db',
      vault: 'contoso-kv',
      secret: 'db',
      version: 'f'.repeat(32),
    };
    await world.control.setKeyVaultReference(reference);
    const kv = bodyOf<{ content_type: string; value: string }>(await store.call(`/kv/db?${API}`));
    expect(kv.content_type).to.equal('application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8');
    expect(kv.value).to.equal(`{"uri":"https://contoso-kv.vault.azure.net/secrets/db/${'f'.repeat(32)}"}`);
  });

  it('rejects unknown operations, bad input and names that do not exist, saying which', async () => {
    const { control } = world;
    const problem = (call: Promise<unknown>) => call.then(String, (error: Error) => error.message);
    expect(await problem(control.setSetting({ store: 'none', key: 'a' }))).to.include('no such store: none');
    expect(await problem(control.addFault({ path: '(' }))).to.include('not a regular expression');
    expect(await problem(control.setTokenLifetime(-1))).to.include('seconds');
    const misled = new AzureControl(`${control.url}/x`);
    expect(await problem(misled.reset())).to.include('no such operation');
    misled.close();
  });
});
