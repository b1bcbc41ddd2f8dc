import { expect } from 'chai';
import { type Bench, failureOf, okValue, patience, startBench, VAULT } from './bench.ts';

describe('the Key Vault adapter against the pretend Azure', () => {
  let bench: Bench;

  before(async () => {
    bench = await startBench();
    await bench.pretend.control.setSecret({ vault: 'shop-vault', name: 'db', value: 'first' });
  });
  after(() => bench.stop());
  afterEach(() => bench.pretend.control.clearFaults());

  const read = (name: string, version?: string, vault = VAULT, identity = bench.identity()) =>
    bench
      .azure()
      .readSecret({ vault, name, ...(version === undefined ? {} : { version }) }, identity, patience());

  it('reads the newest version, or the one that is named', async () => {
    const { control } = bench.pretend;
    const older = await control.setSecret({
      vault: 'shop-vault',
      name: 'two',
      value: 'older',
      contentType: 'text/x',
    });
    const newer = await control.setSecret({ vault: 'shop-vault', name: 'two', value: 'newer' });
    const { updatedAt = 0, ...newest } = okValue(await read('two'));
    expect(newest).to.deep.equal({ value: 'newer', version: newer.version });
    expect(Date.now() - updatedAt).to.be.within(0, 60_000);
    expect(okValue(await read('two', older.version))).to.deep.include({
      value: 'older',
      version: older.version,
      contentType: 'text/x',
    });
  });

  it('gives an expired secret and one that is not yet valid, with their times', async () => {
    const { control } = bench.pretend;
    await control.setSecret({ vault: 'shop-vault', name: 'old', value: 'x', expires: 1_600_000_000 });
    await control.setSecret({ vault: 'shop-vault', name: 'early', value: 'y', notBefore: 4_000_000_000 });
    expect(okValue(await read('old'))).to.include({ value: 'x', expiresAt: 1_600_000_000_000 });
    expect(okValue(await read('early'))).to.include({ value: 'y', notBefore: 4_000_000_000_000 });
  });

  it('sends the id of a request, also when it is challenged first', async () => {
    const { control } = bench.pretend;
    const requestId = '01234567-89ab-4def-8123-456789abcdef';
    await control.clearRequests();
    okValue(
      await bench.azure().readSecret({ vault: VAULT, name: 'db', requestId }, bench.identity(), patience()),
    );
    const ids = (await control.requests({ service: 'keyvault' })).map(
      ({ clientRequestId }) => clientRequestId,
    );
    expect(ids).to.deep.equal([requestId, requestId]);
  });

  it('is challenged once per client, however many reads begin together', async () => {
    const { control } = bench.pretend;
    const azure = bench.azure();
    const identity = bench.identity();
    await control.clearRequests();
    const reads = Array.from({ length: 12 }, () =>
      azure.readSecret({ vault: VAULT, name: 'db' }, identity, patience()),
    );
    for (const one of await Promise.all(reads)) expect(okValue(one).value).to.equal('first');
    const statuses = (await control.requests({ service: 'keyvault' })).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).to.have.length(1);
    expect(statuses.filter((status) => status === 200)).to.have.length(12);
    expect(await control.requests({ service: 'entra' })).to.have.length(1);
  });

  it('is challenged once per vault, however many identities begin together', async () => {
    const { control } = bench.pretend;
    const azure = bench.azure();
    const identities = Array.from({ length: 12 }, () => bench.identity());
    await control.clearRequests();
    const reads = identities.map((identity) =>
      azure.readSecret({ vault: VAULT, name: 'db' }, identity, patience()),
    );
    for (const one of await Promise.all(reads)) expect(okValue(one).value).to.equal('first');
    const statuses = (await control.requests({ service: 'keyvault' })).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).to.have.length(1);
    expect(statuses.filter((status) => status === 200)).to.have.length(12);
    // Each has a token of its own all the same.
    expect(await control.requests({ service: 'entra' })).to.have.length(12);
  });

  it('asks for the challenge again when the first answer was none', async () => {
    const { control } = bench.pretend;
    const azure = bench.azure();
    const ask = () => azure.readSecret({ vault: VAULT, name: 'db' }, bench.identity(), patience());
    await control.addFault({ service: 'keyvault', status: 500, count: 1 });
    expect(failureOf(await ask()).reason).to.equal('VaultUnreachable');
    const headers = { 'www-authenticate': 'Bearer error="insufficient_claims"' };
    await control.addFault({ service: 'keyvault', status: 401, headers, count: 1 });
    expect(failureOf(await ask()).reason).to.equal('VaultUnauthorized');
    expect(okValue(await ask()).value).to.equal('first');
  });

  it('names a secret that is missing, or deleted', async () => {
    const { control } = bench.pretend;
    await control.setSecret({ vault: 'shop-vault', name: 'gone', value: 'x' });
    await control.deleteSecret({ vault: 'shop-vault', name: 'gone' });
    for (const name of ['never', 'gone']) {
      const failure = failureOf(await read(name));
      expect(failure).to.include({ kind: 'blocked', reason: 'SecretNotFound' });
      expect(failure.message).to.include(`secret ${name}`).and.include(VAULT);
    }
    expect(failureOf(await read('db', '0'.repeat(32)))).to.include({ reason: 'SecretNotFound' });
  });

  it('does not fall back when the newest version is disabled', async () => {
    const { control } = bench.pretend;
    await control.setSecret({ vault: 'shop-vault', name: 'off', value: 'on' });
    await control.setSecret({ vault: 'shop-vault', name: 'off', value: 'off', enabled: false });
    const failure = failureOf(await read('off'));
    expect(failure).to.include({ kind: 'blocked', reason: 'SecretDisabled' });
    expect(failure.message).to.match(/^The newest version of secret off in /);
  });

  it('calls a name or version that no vault can have an invalid reference', async () => {
    expect(failureOf(await read('under_score'))).to.include({ kind: 'blocked', reason: 'InvalidReference' });
  });

  it('names the role that is missing, in both permission models', async () => {
    const { control } = bench.pretend;
    await control.createVault({ name: 'policies', permissionModel: 'accessPolicy' });
    await control.createVault({ name: 'closed' });
    for (const name of ['policies', 'closed']) {
      const failure = failureOf(await read('db', undefined, `${name}.vault.azure.net`));
      expect(failure).to.include({ kind: 'blocked', reason: 'VaultForbidden' });
      expect(failure.message).to.include(
        `grant Key Vault Secrets User on ${name}.vault.azure.net to client ${bench.clientId}`,
      );
    }
  });

  it('tells a network rule from a missing role', async () => {
    const { control } = bench.pretend;
    for (const access of ['firewall', 'privateOnly'] as const) {
      await control.setVaultNetwork({ vault: 'shop-vault', access });
      expect(failureOf(await read('db'))).to.include({ kind: 'blocked', reason: 'VaultFirewall' });
    }
    await control.setVaultNetwork({ vault: 'shop-vault', access: 'open' });
  });

  it('says that the tenants differ when the vault is of another tenant', async () => {
    const { control } = bench.pretend;
    const tenant = await control.createTenant({});
    await control.createVault({ name: 'foreign', tenantId: tenant.id });
    const failure = failureOf(await read('db', undefined, 'foreign.vault.azure.net'));
    expect(failure).to.include({ kind: 'blocked', reason: 'VaultUnauthorized' });
    expect(failure.message).to.include(tenant.id).and.include(bench.pretend.tenantId);
  });

  it('pauses 10 s after a 429 without Retry-After, and as told with one', async () => {
    const { control } = bench.pretend;
    await control.addFault({ service: 'keyvault', status: 429, count: 1 });
    expect(failureOf(await read('db'))).to.include({
      kind: 'throttled',
      reason: 'VaultThrottled',
      retryAfterMs: 10_000,
    });
    await control.addFault({ service: 'keyvault', status: 429, count: 1, headers: { 'retry-after': '3' } });
    expect(failureOf(await read('db'))).to.include({ kind: 'throttled', retryAfterMs: 3_000 });
  });

  it('takes an error without a body, and a body that is no secret, for what they are', async () => {
    const { control } = bench.pretend;
    await control.addFault({ service: 'keyvault', status: 429, body: '', count: 1 });
    expect(failureOf(await read('db'))).to.include({ kind: 'throttled', reason: 'VaultThrottled' });
    await control.addFault({ service: 'keyvault', status: 500, body: '', count: 1 });
    expect(failureOf(await read('db'))).to.include({ kind: 'unavailable', reason: 'VaultUnreachable' });
    for (const body of ['<html>', '{}', 'null', '']) {
      await control.addFault({ service: 'keyvault', status: 200, body, count: 1 });
      expect(failureOf(await read('db')), body).to.include({
        kind: 'unavailable',
        reason: 'VaultUnreachable',
      });
    }
  });

  it('never quotes what the vault says', async () => {
    const { control } = bench.pretend;
    const body = JSON.stringify({
      error: { code: 'canary', message: 'canary', innererror: { code: 'canary' } },
    });
    for (const status of [400, 401, 403, 404, 409, 418, 429, 500]) {
      const headers = { 'content-type': 'application/json', 'www-authenticate': 'Bearer error="canary"' };
      await control.addFault({ service: 'keyvault', status, body, headers });
      expect(JSON.stringify(failureOf(await read('db')))).not.to.include('canary');
      await control.clearFaults();
    }
  });

  it('follows no redirect', async () => {
    const { control } = bench.pretend;
    const headers = { location: `https://${VAULT}/secrets/other` };
    await control.addFault({ service: 'keyvault', status: 302, headers });
    await control.clearRequests();
    expect(failureOf(await read('db'))).to.include({ kind: 'blocked', reason: 'VaultRejected' });
    expect(await control.requests({ service: 'keyvault' })).to.have.length(1);
  });

  it('names the vault when nothing answers there', async () => {
    const failure = failureOf(await read('db', undefined, 'missing.vault.azure.net'));
    expect(failure).to.include({ kind: 'unavailable', reason: 'VaultUnreachable' });
    expect(failure.message).to.include('missing.vault.azure.net');
  });

  it('opens no more connections than reads that run together', async () => {
    const { control } = bench.pretend;
    const azure = bench.azure();
    const identity = bench.identity();
    await control.clearRequests();
    for (let turn = 0; turn < 6; turn += 1) {
      okValue(await azure.readSecret({ vault: VAULT, name: 'db' }, identity, patience()));
    }
    expect(await control.requests({ service: 'proxy', host: VAULT })).to.have.length(1);
  });
});
