import { expect } from 'chai';
import type { Azure } from '../../../src/adapters/azure/azure.ts';
import type { Identity } from '../../../src/domain/identity/identity.ts';
import { Gate } from '../../../src/sources/gate.ts';
import { Selections } from '../../../src/sources/selections.ts';
import { Vaults } from '../../../src/sources/vaults.ts';
import {
  type Bench,
  CountingMetrics,
  failureOf,
  okValue,
  patience,
  realClock,
  select,
  silentLogger,
  startBench,
  VAULT,
} from './bench.ts';

describe('many bindings that read the pretend Azure together', () => {
  let bench: Bench;

  before(async () => {
    bench = await startBench();
    const { control } = bench.pretend;
    const settings = Array.from({ length: 130 }, (_, at) => ({ key: `app:${at + 100}`, value: 'x' }));
    await control.setSettings({ store: 'shop', settings });
    for (let at = 0; at < 10; at += 1) {
      await control.setSecret({ vault: 'shop-vault', name: `s${at}`, value: `v${at}` });
    }
  });
  after(() => bench.stop());
  beforeEach(() => bench.pretend.control.clearRequests());
  afterEach(() => bench.pretend.control.clearFaults());

  function sources(azure: Azure) {
    const clock = realClock();
    const gate = new Gate({ clock });
    const metrics = new CountingMetrics();
    const selections = new Selections({ reader: azure, gate, clock, metrics, logger: silentLogger });
    selections.subscribe('team/binding', [select('app:*')]);
    const observe = (identity: Identity, maxAgeMs = 0) =>
      selections.observe(select('app:*'), identity, { maxAgeMs, signal: patience() });
    const content = (identity: Identity) =>
      selections.content(select('app:*'), identity, { signal: patience() });
    return { observe, content, vaults: new Vaults({ reader: azure, gate, clock }) };
  }

  const storeLog = async () =>
    (await bench.pretend.control.requests({ service: 'appconfig' })).map(
      ({ method, status }) => `${method} ${status}`,
    );

  it('read a selection once for five identities, each of which proves itself page by page', async () => {
    const { content } = sources(bench.azure());
    const identities = Array.from({ length: 5 }, () => bench.identity());
    const results = await Promise.all(identities.map(content));
    for (const result of results) expect(okValue(result).settings).to.have.length(130);
    const log = await storeLog();
    expect(log.filter((entry) => entry.startsWith('GET'))).to.have.length(2);
    expect(log.filter((entry) => entry.startsWith('HEAD'))).to.have.length(8);
  });

  it('poll with conditional HEADs only while nothing changes, once for all', async () => {
    const { observe } = sources(bench.azure());
    const identities = [bench.identity(), bench.identity(), bench.identity()];
    for (const identity of identities) okValue(await observe(identity));
    await bench.pretend.control.clearRequests();
    for (let turn = 0; turn < 3; turn += 1) {
      okValue(await observe(identities[turn] ?? bench.identity()));
      for (const identity of identities) okValue(await observe(identity, 60_000));
    }
    expect(await storeLog()).to.deep.equal(Array(6).fill('HEAD 304'));
  });

  it('stop at a role that was taken away, for that identity alone', async () => {
    const { control } = bench.pretend;
    const app = await control.createApp({ name: 'passing' });
    const subject = 'system:serviceaccount:shop:orders';
    await control.addFederatedCredential({ clientId: app.clientId, issuer: bench.cluster.issuer, subject });
    const role = { role: 'AppConfigurationDataReader', principal: app.clientId, store: 'shop' } as const;
    await control.assignRole(role);
    const { observe, content } = sources(bench.azure());
    const [stays, goes] = [bench.identity(), bench.identity({ clientId: app.clientId })];
    okValue(await content(stays));
    okValue(await content(goes));
    await control.removeRole(role);
    expect(failureOf(await observe(goes)).reason).to.equal('StoreForbidden');
    expect(failureOf(await content(goes)).reason).to.equal('StoreForbidden');
    okValue(await content(stays));
  });

  it('hold all of them back after one 429, without another request', async () => {
    const { observe } = sources(bench.azure());
    const headers = { 'retry-after-ms': '60000' };
    await bench.pretend.control.addFault({ service: 'appconfig', status: 429, headers });
    failureOf(await observe(bench.identity()));
    for (let turn = 0; turn < 5; turn += 1) {
      const failure = failureOf(await observe(bench.identity()));
      expect(failure).to.include({ kind: 'throttled', reason: 'StoreThrottled' });
      expect('retryAfterMs' in failure && failure.retryAfterMs).to.be.within(50_000, 60_000);
    }
    expect(await storeLog()).to.deep.equal(['HEAD 429']);
  });

  it('read each secret once as each identity, however many bindings come one after the other', async () => {
    const { vaults } = sources(bench.azure());
    const identities = Array.from({ length: 8 }, () => bench.identity());
    const references = Array.from({ length: 5 }, (_, at) => ({ vault: VAULT, name: `s${at}` }));
    for (let turn = 0; turn < 6; turn += 1) {
      const bursts = identities.map((identity) => vaults.read(references, identity, { signal: patience() }));
      for (const answers of await Promise.all(bursts))
        for (const { result } of answers.values()) okValue(result);
    }
    const requests = await bench.pretend.control.requests({ service: 'keyvault' });
    expect(requests.filter(({ status }) => status === 200)).to.have.length(8 * 5);
    expect(requests.filter(({ status }) => status === 401)).to.have.length(1);
    expect(requests).to.have.length(8 * 5 + 1);
  });

  it('read the secrets of one identity in one burst, over few connections', async () => {
    const { vaults } = sources(bench.azure());
    const identity = bench.identity();
    const references = Array.from({ length: 10 }, (_, at) => ({ vault: VAULT, name: `s${at}` }));
    const bursts = await Promise.all(
      [1, 2, 3].map(() => vaults.read(references, identity, { signal: patience() })),
    );
    for (const burst of bursts) {
      expect([...burst.values()].map(({ result }) => okValue(result).value)).to.have.members(
        references.map(({ name }) => name.replace('s', 'v')),
      );
    }
    const requests = await bench.pretend.control.requests({ service: 'keyvault' });
    expect(requests.filter(({ status }) => status === 200)).to.have.length(10);
    expect(requests.filter(({ status }) => status === 401)).to.have.length(1);
    const connects = await bench.pretend.control.requests({ service: 'proxy', host: VAULT });
    expect(connects.length).to.be.at.most(10);
  });
});
