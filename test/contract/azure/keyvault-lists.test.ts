import { expect } from 'chai';
import { all, bodyOf } from './wire.ts';
import { contosoVault, startWorld, type World } from './world.ts';

const API = 'api-version=2026-04-01';

interface Item {
  readonly id: string;
  readonly contentType?: string;
  readonly managed?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, unknown>>;
}
interface Page {
  readonly value: readonly Item[];
  readonly nextLink: string | null;
}
interface KeyVaultError {
  readonly error: { readonly message: string; readonly innererror?: { readonly code: string } };
}

describe('Key Vault: the list of a vault', () => {
  let world: World;
  let vault: Awaited<ReturnType<typeof contosoVault>>;
  const set = (name: string, more: object = {}) =>
    world.control.setSecret({ vault: 'contoso-kv', name, value: 'never-listed', ...more });
  const list = async (query = API) => bodyOf<Page>(await vault.call(`/secrets?${query}`));
  const named = async () => (await list()).value.map(({ id }) => id.split('/').at(-1));

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    vault = await contosoVault(world);
  });
  after(() => world.stop());

  it('tells the newest version of each secret, without its id and value', async () => {
    await set('db', { tags: { old: 'yes' } });
    await set('db', { contentType: 'text/plain', tags: { team: 'orders' }, expires: 4_000_000_000 });
    const wire = await vault.call(`/secrets?${API}`);
    expect(wire.text).not.to.include('never-listed');
    const { value, nextLink } = bodyOf<Page>(wire);
    expect(nextLink).to.equal(null);
    expect(value).to.have.length(1);
    const [item] = value;
    expect(item).to.deep.include({
      id: `https://${vault.host}/secrets/db`,
      contentType: 'text/plain',
      tags: { team: 'orders' },
    });
    expect(item?.attributes).to.deep.include({ enabled: true, exp: 4_000_000_000 });
    const read = bodyOf<Item>(await vault.call(`/secrets/db?${API}`));
    expect(item?.attributes).to.deep.equal(read.attributes);
  });

  it('has disabled secrets, and those of certificates, as what they are', async () => {
    await set('off', { enabled: false });
    await world.control.issueCertificate({ vault: 'contoso-kv', name: 'web' });
    const { value } = await list();
    const shown = value.map(({ id, managed, contentType, attributes: { enabled } }) => [
      id.split('/').at(-1),
      enabled,
      managed,
      contentType,
    ]);
    expect(shown).to.have.deep.members([
      ['off', false, undefined, undefined],
      ['web', true, true, 'application/x-pkcs12'],
    ]);
  });

  it('has no deleted secret, until it is recovered', async () => {
    await set('db');
    await set('other');
    const secret = { vault: 'contoso-kv', name: 'db' };
    await world.control.deleteSecret(secret);
    expect(await named()).to.deep.equal(['other']);
    await world.control.recoverSecret(secret);
    expect(await named()).to.have.members(['db', 'other']);
  });

  it('tells every change of a secret by its time, in whole seconds', async () => {
    const updated = async () => (await list()).value[0]?.attributes['updated'];
    await set('db');
    const made = Number(await updated());
    expect(made).to.equal(Math.floor(made));
    while (Math.floor(Date.now() / 1000) <= made) await new Promise(setImmediate);
    await world.control.changeSecret({ vault: 'contoso-kv', name: 'db', enabled: false });
    expect(await updated()).to.be.greaterThan(made);
  });

  it('comes in pages of 25 or fewer, each with a link that stays with the vault', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `secret-${index}`);
    for (const name of names) await set(name);
    const sizes: number[] = [];
    let path: string | undefined = `/secrets?${API}&maxresults=20`;
    while (path !== undefined) {
      const { value, nextLink }: Page = bodyOf<Page>(await vault.call(path));
      sizes.push(value.length);
      expect(nextLink ?? `https://${vault.host}:443/secrets?`).to.match(
        new RegExp(`^https://${vault.host}:443/secrets\\?`),
      );
      path = nextLink?.slice(`https://${vault.host}:443`.length);
    }
    expect(sizes).to.deep.equal([20, 20, 20]);
    expect((await list()).value).to.have.length(25);
    const listed = await all(vault.client.listPropertiesOfSecrets());
    expect(listed.map(({ name }) => name)).to.have.members(names);
    for (const maxresults of ['0', '26', '-1', 'x'])
      expect((await vault.call(`/secrets?${API}&maxresults=${maxresults}`)).status).to.equal(400);
  });

  it('needs a right of its own, over the vault and not over a secret', async () => {
    const principal = vault.app.clientId;
    await world.control.removeRole({ role: 'KeyVaultSecretsOfficer', principal, vault: 'contoso-kv' });
    const wire = await vault.call(`/secrets?${API}`);
    const { error } = bodyOf<KeyVaultError>(wire);
    expect([wire.status, error.innererror?.code]).to.deep.equal([403, 'ForbiddenByRbac']);
    expect(error.message).to.include("Action: 'Microsoft.KeyVault/vaults/secrets/readMetadata/action'");
    expect(error.message).to.match(/Resource: '\/subscriptions\/[^']*\/vaults\/contoso-kv'/);
    await world.control.assignRole({ role: 'KeyVaultSecretsUser', principal, vault: 'contoso-kv' });
    expect((await vault.call(`/secrets?${API}`)).status).to.equal(200);
  });

  it('is refused in a vault with access policies to who has none for it', async () => {
    const strict = await contosoVault(world, 'accessPolicy');
    const principal = strict.app.clientId;
    await world.control.removeRole({ role: 'KeyVaultSecretsOfficer', principal, vault: 'contoso-kv' });
    const { error } = bodyOf<KeyVaultError>(await strict.call(`/secrets?${API}`));
    expect(error.innererror?.code).to.equal('AccessDenied');
    expect(error.message).to.include('does not have secrets list permission');
  });
});
