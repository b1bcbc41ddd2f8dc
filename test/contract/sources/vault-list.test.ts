import { expect } from 'chai';
import { type Bench, failureOf, okValue, patience, realClock, startBench } from './bench.ts';

describe('the list of a vault, by the adapter against the pretend Azure', () => {
  let bench: Bench;
  let vault = '';
  let number = 0;

  before(async () => {
    bench = await startBench();
  });
  after(() => bench.stop());
  beforeEach(async () => {
    vault = `listed-${++number}`;
    await bench.pretend.control.createVault({ name: vault });
    const principal = bench.clientId;
    await bench.pretend.control.assignRole({ role: 'KeyVaultSecretsUser', principal, vault });
    await bench.pretend.control.clearRequests();
  });
  afterEach(() => bench.pretend.control.clearFaults());

  const host = () => `${vault}.vault.azure.net`;
  const set = (name: string, more: object = {}) =>
    bench.pretend.control.setSecret({ vault, name, value: 'never-told', ...more });
  const list = (requestId?: string, signal = patience()) =>
    bench
      .azure()
      .listSecrets(
        { vault: host(), ...(requestId === undefined ? {} : { requestId }) },
        bench.identity(),
        signal,
      );
  const requests = () => bench.pretend.control.requests({ service: 'keyvault' });

  it('tells names in their stored spelling, tags, content types, states and times, and no value', async () => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    await set('Db-Password', { contentType: 'text/plain', tags: { team: 'orders' } });
    await set('off', { enabled: false });
    await bench.pretend.control.issueCertificate({ vault, name: 'web' });
    const secrets = okValue(await list());
    for (const { updatedAt } of secrets) expect(updatedAt).to.be.within(before, Date.now());
    expect(secrets.map(({ updatedAt: _, ...rest }) => rest)).to.have.deep.members([
      {
        name: 'Db-Password',
        enabled: true,
        managed: false,
        contentType: 'text/plain',
        tags: { team: 'orders' },
      },
      { name: 'off', enabled: false, managed: false, tags: {} },
      { name: 'web', enabled: true, managed: true, contentType: 'application/x-pkcs12', tags: {} },
    ]);
    expect(JSON.stringify(secrets)).not.to.include('never-told');
  });

  it('is the newest version that counts, and its time is that of its value', async () => {
    await set('db', { tags: { old: 'yes' } });
    await set('db', { tags: { new: 'yes' } });
    const [secret] = okValue(await list());
    expect(secret?.tags).to.deep.equal({ new: 'yes' });
    const read = await bench.azure().readSecret({ vault: host(), name: 'db' }, bench.identity(), patience());
    expect(okValue(read).updatedAt).to.equal(secret?.updatedAt);
  });

  it('is empty for an empty vault, and holds no deleted secret', async () => {
    expect(okValue(await list())).to.deep.equal([]);
    await set('gone');
    await bench.pretend.control.deleteSecret({ vault, name: 'gone' });
    expect(okValue(await list())).to.deep.equal([]);
  });

  it('follows all pages, each with the id of the request and after one challenge', async () => {
    const requestId = '01234567-89ab-4def-8123-456789abcdef';
    const names = Array.from({ length: 60 }, (_, index) => `secret-${index}`);
    for (const name of names) await set(name);
    expect(okValue(await list(requestId)).map(({ name }) => name)).to.have.members(names);
    const sent = await requests();
    expect(sent.map(({ status }) => status)).to.deep.equal([401, 200, 200, 200]);
    expect(new Set(sent.map(({ clientRequestId }) => clientRequestId))).to.deep.equal(new Set([requestId]));
  });

  it('is challenged once for each identity, however often it is read', async () => {
    let ahead = 0;
    const clock = { ...realClock(), now: () => Date.now() + ahead };
    const azure = bench.azure({ clock });
    const identity = bench.identity();
    await set('db');
    for (let round = 0; round < 4; round += 1) {
      okValue(await azure.listSecrets({ vault: host() }, identity, patience()));
      // Longer than the challenge is told to others.
      ahead += 5 * 60_000;
    }
    expect((await requests()).map(({ status }) => status)).to.deep.equal([401, 200, 200, 200, 200]);
  });

  it('is not mistaken for another that is read at the same time', async () => {
    const azure = bench.azure();
    const identity = bench.identity();
    for (let index = 0; index < 60; index += 1) await set(`secret-${index}`);
    const ids = ['a', 'b'].map((letter) => `01234567-89ab-4def-8123-45678${letter.repeat(7)}`);
    const [one, other, value] = await Promise.all([
      azure.listSecrets({ vault: host(), requestId: ids[0] ?? '' }, identity, patience()),
      azure.listSecrets({ vault: host(), requestId: ids[1] ?? '' }, identity, patience()),
      azure.readSecret({ vault: host(), name: 'secret-1', requestId: ids[1] ?? '' }, identity, patience()),
    ]);
    expect([okValue(one).length, okValue(other).length]).to.deep.equal([60, 60]);
    expect(okValue(value).value).to.equal('never-told');
    const served = (await requests()).filter(({ status }) => status === 200);
    const counts = ids.map((id) => served.filter(({ clientRequestId }) => clientRequestId === id).length);
    expect(counts).to.deep.equal([3, 4]);
  });

  it('is a failure when any of its pages is', async () => {
    for (let index = 0; index < 60; index += 1) await set(`secret-${index}`);
    for (const [status, reason] of [
      [429, 'VaultThrottled'],
      [500, 'VaultUnreachable'],
      [403, 'VaultForbidden'],
      [404, 'VaultRejected'],
      [400, 'VaultRejected'],
    ] as const) {
      await bench.pretend.control.addFault({
        service: 'keyvault',
        path: 'skiptoken',
        status,
        skip: 1,
        count: 1,
      });
      expect(failureOf(await list())).to.include({ reason });
      await bench.pretend.control.clearFaults();
    }
    await bench.pretend.control.addFault({ service: 'keyvault', path: 'skiptoken', reset: true });
    expect(failureOf(await list())).to.include({ kind: 'unavailable', reason: 'VaultUnreachable' });
  });

  it('never quotes what the vault says', async () => {
    const body = JSON.stringify({
      error: { code: 'canary', message: 'canary', innererror: { code: 'canary' } },
    });
    for (const status of [400, 401, 403, 404, 409, 418, 429, 500]) {
      const headers = { 'content-type': 'application/json' };
      await bench.pretend.control.addFault({ service: 'keyvault', status, body, headers });
      expect(JSON.stringify(failureOf(await list()))).not.to.include('canary');
      await bench.pretend.control.clearFaults();
    }
  });

  it('follows no link to another host, and sends nothing there', async () => {
    await bench.pretend.control.createVault({ name: 'elsewhere' });
    for (const nextLink of [
      'https://elsewhere.vault.azure.net/secrets?api-version=7.5&$skiptoken=x',
      `https://${host()}:8443/secrets?api-version=7.5`,
      `http://${host()}/secrets?api-version=7.5`,
      `https://${host()}@elsewhere.vault.azure.net/secrets?api-version=7.5`,
    ]) {
      const body = JSON.stringify({ value: [], nextLink });
      await bench.pretend.control.clearRequests();
      const headers = { 'content-type': 'application/json' };
      // After the challenge.
      await bench.pretend.control.addFault({ service: 'keyvault', status: 200, body, headers, skip: 1 });
      expect(failureOf(await list()), nextLink).to.include({
        kind: 'unavailable',
        reason: 'VaultUnreachable',
      });
      await bench.pretend.control.clearFaults();
      expect((await requests()).map((request) => request.host)).to.deep.equal([host(), host()]);
    }
  });

  it('is given up when its pages have no end', async () => {
    const nextLink = `https://${host()}/secrets?api-version=2026-04-01&$skiptoken=again`;
    const body = JSON.stringify({ value: [], nextLink });
    const headers = { 'content-type': 'application/json' };
    await bench.pretend.control.addFault({ service: 'keyvault', status: 200, body, headers, skip: 1 });
    expect(failureOf(await list())).to.include({ kind: 'unavailable', reason: 'VaultUnreachable' });
    expect((await requests()).length).to.be.within(1_000, 1_002);
  });

  it('ends with its signal, also between pages', async () => {
    for (let index = 0; index < 30; index += 1) await set(`secret-${index}`);
    await bench.pretend.control.addFault({ service: 'keyvault', path: 'skiptoken', hang: true });
    const controller = new AbortController();
    const answer = list(undefined, controller.signal);
    while ((await requests()).length < 3) await new Promise(setImmediate);
    controller.abort();
    expect(await answer).to.deep.equal({ ok: false, failure: { kind: 'cancelled' } });
  });

  it('takes what is no list for what it is', async () => {
    for (const body of [
      '<html>',
      '{}',
      'null',
      '{"value":[{}]}',
      '{"value":[{"id":"https://a.vault.azure.net/secrets/db"}]}',
      '{"value":[{"id":"nonsense","attributes":{"updated":1}}]}',
      '{"value":[],"nextLink":1}',
    ]) {
      const headers = { 'content-type': 'application/json' };
      await bench.pretend.control.addFault({ service: 'keyvault', status: 200, body, headers, skip: 1 });
      expect(failureOf(await list()), body).to.include({ reason: 'VaultUnreachable' });
      await bench.pretend.control.clearFaults();
    }
  });

  it('names the role that is missing, and both rights of an access policy', async () => {
    for (const permissionModel of ['rbac', 'accessPolicy'] as const) {
      const name = `closed-${permissionModel.toLowerCase()}`;
      await bench.pretend.control.createVault({ name, permissionModel });
      const request = { vault: `${name}.vault.azure.net` };
      const failure = failureOf(await bench.azure().listSecrets(request, bench.identity(), patience()));
      expect(failure).to.include({ kind: 'blocked', reason: 'VaultForbidden' });
      expect(failure.message).to.include(`may not list the secrets of ${name}.vault.azure.net: grant`);
      const commands =
        failure.kind === 'blocked' ? failure.remedies?.flatMap((remedy) => remedy.commands) : [];
      expect(commands?.at(-1)).to.include(
        permissionModel === 'rbac' ? '--role "Key Vault Secrets User"' : '--secret-permissions get list',
      );
    }
  });
});
