import { expect } from 'chai';
import { all, bodyOf } from './wire.ts';
import { contosoVault, startWorld, type World } from './world.ts';

const API = 'api-version=2026-04-01';

interface KeyVaultError {
  readonly error: { code: string; message: string; innererror?: { code: string } };
}

describe('Key Vault: secrets', () => {
  let world: World;
  let vault: Awaited<ReturnType<typeof contosoVault>>;
  const set = (name: string, value: string, more: object = {}) =>
    world.control.setSecret({ vault: 'contoso-kv', name, value, ...more });
  const codeOf = (failure: unknown) => (failure as { statusCode?: number; code?: string }).code;

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    vault = await contosoVault(world);
  });
  after(() => world.stop());

  it('answers the newest version with and without a trailing slash, and any version by its id', async () => {
    const old = await set('db', 'one', { contentType: 'text/plain', tags: { a: 'b' } });
    const current = await set('db', 'two');
    const plain = await vault.call(`/secrets/db?${API}`);
    expect(plain.status).to.equal(200);
    expect(bodyOf<{ value: string; id: string }>(plain)).to.include({ value: 'two', id: current.id });
    expect((await vault.call(`/secrets/db/?${API}`)).text).to.equal(plain.text);
    const older = bodyOf<Record<string, unknown>>(await vault.call(`/secrets/db/${old.version}?${API}`));
    expect(older).to.include({ value: 'one', id: old.id, contentType: 'text/plain' });
    expect(older.tags).to.deep.equal({ a: 'b' });
    expect(older.attributes).to.include({ enabled: true, recoveryLevel: 'Recoverable+Purgeable' });
  });

  it('finds secrets whatever the case of their name, and returns the stored spelling', async () => {
    await set('DbPassword', 'x');
    const { id } = bodyOf<{ id: string }>(await vault.call(`/secrets/dbpassword?${API}`));
    expect(id).to.match(/\/secrets\/DbPassword\//);
  });

  it('answers an unknown name or version with 404 SecretNotFound, naming both', async () => {
    await set('db', 'x');
    const version = '0'.repeat(32);
    for (const [path, id] of [
      ['none', 'none'],
      [`db/${version}`, `db/${version}`],
    ]) {
      const wire = await vault.call(`/secrets/${path}?${API}`);
      const { error } = bodyOf<KeyVaultError>(wire);
      expect([wire.status, error.code]).to.deep.equal([404, 'SecretNotFound']);
      expect(error.message).to.match(
        new RegExp(`^A secret with \\(name/id\\) ${id} was not found in this key vault\\.`),
      );
    }
  });

  it('answers a malformed name or version with 400 BadParameter', async () => {
    for (const path of ['bad_name', 'db/xyz']) {
      const wire = await vault.call(`/secrets/${path}?${API}`);
      expect([wire.status, bodyOf<KeyVaultError>(wire).error.code]).to.deep.equal([400, 'BadParameter']);
    }
  });

  it('decodes the name of a query parameter, as the SDK escapes it', async () => {
    await set('db', 'x');
    expect((await vault.call('/secrets/db/?api%2Dversion=2026-04-01')).status).to.equal(200);
    await vault.client.getSecret('db');
    const record = (await world.control.requests({ service: 'keyvault' })).at(-1);
    expect([record?.path, record?.query]).to.deep.equal(['/secrets/db/', 'api%2Dversion=2026-04-01']);
  });

  it('answers a missing or unknown API version with 400 BadParameter', async () => {
    for (const query of ['', '?api-version=1.0']) {
      const wire = await vault.call(`/secrets/db${query}`);
      expect([wire.status, bodyOf<KeyVaultError>(wire).error.code]).to.deep.equal([400, 'BadParameter']);
    }
  });

  it('refuses a disabled secret with 403 SecretDisabled, also when an older version is enabled', async () => {
    const old = await set('db', 'one');
    await set('db', 'two', { enabled: false });
    const wire = await vault.call(`/secrets/db?${API}`);
    expect(wire.status).to.equal(403);
    expect(bodyOf(wire)).to.deep.equal({
      error: {
        code: 'Forbidden',
        message: 'Operation get is not allowed on a disabled secret.',
        innererror: { code: 'SecretDisabled' },
      },
    });
    expect((await vault.client.getSecret('db', { version: old.version })).value).to.equal('one');
    await world.control.changeSecret({ vault: 'contoso-kv', name: 'db', enabled: true });
    expect((await vault.client.getSecret('db')).value).to.equal('two');
  });

  it('returns an expired and a not yet valid secret with their times', async () => {
    const now = Math.floor(Date.now() / 1000);
    await set('expired', 'x', { expires: now - 100 });
    await set('future', 'y', { notBefore: now + 100 });
    const expired = await vault.client.getSecret('expired');
    const future = await vault.client.getSecret('future');
    expect([expired.value, expired.properties.expiresOn?.getTime()]).to.deep.equal(['x', (now - 100) * 1000]);
    expect([future.value, future.properties.notBefore?.getTime()]).to.deep.equal(['y', (now + 100) * 1000]);
  });

  it('lists secrets and versions in pages of 25 with an absolute next link on the caller’s host', async () => {
    for (let index = 0; index < 60; index += 1) await set('db', String(index));
    const wire = await vault.call(`/secrets/db/versions?${API}`);
    const { value, nextLink } = bodyOf<{ value: { id: string; value?: string }[]; nextLink: string }>(wire);
    expect(value).to.have.length(25);
    expect(value[0]).not.to.have.property('value');
    expect(nextLink).to.match(
      /^https:\/\/contoso-kv\.vault\.azure\.net:443\/secrets\/db\/versions\?api-version=/,
    );
    const versions = await all(vault.client.listPropertiesOfSecretVersions('db'));
    expect(new Set(versions.map(({ version }) => version)).size).to.equal(60);
    const secrets = await all(vault.client.listPropertiesOfSecrets());
    expect(secrets.map(({ name, version }) => [name, version])).to.deep.equal([['db', undefined]]);
  });

  it('refuses more than 25 results per page', async () => {
    expect((await vault.call(`/secrets?${API}&maxresults=26`)).status).to.equal(400);
  });

  it('makes a new version with every PUT, and refuses more than 25 KB', async () => {
    const first = await vault.client.setSecret('db', 'one');
    const second = await vault.client.setSecret('db', 'one');
    expect(second.properties.version).not.to.equal(first.properties.version);
    const failure = await vault.client
      .setSecret('db', 'x'.repeat(25 * 1024 + 1))
      .catch((error: unknown) => error);
    expect(codeOf(failure)).to.equal('BadParameter');
  });

  it('answers a soft-deleted name with 404 on GET and 409 on PUT until it is recovered', async () => {
    await set('db', 'one');
    await world.control.deleteSecret({ vault: 'contoso-kv', name: 'db' });
    expect(codeOf(await vault.client.getSecret('db').catch((error: unknown) => error))).to.equal(
      'SecretNotFound',
    );
    const conflict = await vault.call(`/secrets/db?${API}`, { method: 'PUT', body: '{"value":"x"}' });
    expect(conflict.status).to.equal(409);
    expect(bodyOf<KeyVaultError>(conflict).error.innererror?.code).to.equal('ObjectIsDeletedButRecoverable');
    await world.control.recoverSecret({ vault: 'contoso-kv', name: 'db' });
    expect((await vault.client.getSecret('db')).value).to.equal('one');
  });
});
