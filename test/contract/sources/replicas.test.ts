import { expect } from 'chai';
import { until } from '../../../dev/cluster/wait.ts';
import { FIRST_BYTE_MS } from '../../../src/adapters/azure/http-client.ts';
import type { Result } from '../../../src/domain/failure.ts';
import type { Selection } from '../../../src/domain/store/settings.ts';
import { Gate } from '../../../src/sources/gate.ts';
import { ReplicaDirectory } from '../../../src/sources/replica-directory.ts';
import { PATIENCE_MS } from '../../../src/sources/replicas.ts';
import { type Content, Selections } from '../../../src/sources/selections.ts';
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
} from './bench.ts';

const STORE = { store: 'shop' } as const;
const [ORIGIN, EU, US] = ['shop.azconfig.io', 'shop-eu.azconfig.io', 'shop-us.azconfig.io'];
/** Deadlines and pauses are so many times shorter; what is left of them must do for a loaded machine. */
const SPEED = 2;

describe('a store with replicas, read through the pretend Azure', () => {
  let bench: Bench;

  before(async () => {
    bench = await startBench();
  });
  after(() => bench.stop());
  beforeEach(async () => {
    const { control } = bench.pretend;
    await control.createReplica({ ...STORE, name: 'eu' });
    await control.createReplica({ ...STORE, name: 'us' });
    for (const store of ['shop-eu', 'shop-us']) await control.setReplica({ store, ownPageEtags: true });
    await control.setSetting({ ...STORE, key: 'color', value: 'red' });
  });
  afterEach(async () => {
    const { control } = bench.pretend;
    await control.clearFaults();
    await control.clearDns();
    await control.setDailyQuota({ ...STORE, requests: null });
    await control.setStoreNetwork({ ...STORE, access: 'open' });
    await control.deleteReplica('shop-eu');
    await control.deleteReplica('shop-us');
    await control.clearRequests();
  });

  /** As an operator has it that was started just now. */
  function reader() {
    const clock = realClock(SPEED);
    const azure = bench.azure({ speed: SPEED });
    const random = { next: () => 0.5 };
    const suffixes = ['azconfig.io'];
    const directory = new ReplicaDirectory({ finder: azure, clock, random, logger: silentLogger, suffixes });
    const gate = new Gate({ clock, random });
    const metrics = new CountingMetrics();
    const selections = new Selections({
      reader: azure,
      gate,
      clock,
      metrics,
      logger: silentLogger,
      directory,
    });
    const identity = bench.identity();
    const options = { maxAgeMs: 0, signal: patience() };
    const observe = (selection: Selection = select('*')) => selections.observe(selection, identity, options);
    const content = (selection: Selection = select('*')) => selections.content(selection, identity, options);
    const fresh = async (selection?: Selection) => {
      const seen = await observe(selection);
      return seen.ok ? content(selection) : seen;
    };
    selections.subscribe('shop/orders', [select('*')]);
    const replicas = () => directory.known(ORIGIN).map(({ host }) => host);
    return { observe, content, fresh, replicas };
  }

  /** The same, once it has read the store and knows its replicas. */
  async function settled() {
    const world = reader();
    okValue(await world.fresh());
    await until(async () => world.replicas().length === 2, {
      what: 'replicas',
      deadlineMs: 30_000,
      everyMs: 5,
    });
    await bench.pretend.control.clearRequests();
    return world;
  }

  const colorOf = (result: Result<Content>) => okValue(result).settings.map(({ value }) => value);
  const log = async () => {
    const requests = await bench.pretend.control.requests({ service: 'appconfig' });
    return requests.map(({ method, host, status }) => `${method} ${host} ${status}`);
  };
  const setColor = (value: string) => bench.pretend.control.setSetting({ ...STORE, key: 'color', value });

  it('goes on when its host resets connections, fails, or asks for a pause', async () => {
    for (const fault of [{ reset: true }, { status: 503 }, { status: 429 }, { status: 408 }]) {
      const { fresh } = await settled();
      await bench.pretend.control.addFault({ host: ORIGIN, ...fault });
      expect(colorOf(await fresh()), JSON.stringify(fault)).to.deep.equal(['red']);
      await bench.pretend.control.clearFaults();
    }
  });

  it('shows a change that is made while its host is down', async () => {
    const { fresh } = await settled();
    await bench.pretend.control.addFault({ host: ORIGIN, status: 503 });
    okValue(await fresh());
    await setColor('blue');
    expect(colorOf(await fresh())).to.deep.equal(['blue']);
  });

  it('keeps its page tags while the content is the same, and idles without bodies', async () => {
    const { observe, fresh } = await settled();
    const { tags } = okValue(await fresh());
    await bench.pretend.control.addFault({ host: ORIGIN, status: 503 });
    expect(okValue(await observe()).tags).to.deep.equal(tags);
    await bench.pretend.control.clearRequests();
    expect(okValue(await observe()).tags).to.deep.equal(tags);
    const idle = (await log()).filter((line) => !line.includes(ORIGIN));
    expect(idle).to.have.length(1);
    expect(idle[0]).to.match(/^HEAD shop-(eu|us).azconfig.io 304$/);
  });

  it('delays nobody when its host is a black hole', async () => {
    const { fresh, observe } = await settled();
    await bench.pretend.control.setStoreNetwork({ ...STORE, access: 'black-hole' });
    const startedAt = performance.now();
    expect(colorOf(await fresh())).to.deep.equal(['red']);
    expect(performance.now() - startedAt, 'the first').to.be.below(FIRST_BYTE_MS / SPEED);
    const waited: number[] = [];
    for (let round = 0; round < 21; round += 1) {
      const before = performance.now();
      okValue(await observe());
      waited.push(performance.now() - before);
    }
    // Of a loaded machine a single one tells nothing.
    const median = waited.sort((a, b) => a - b)[10];
    expect(median, 'another').to.be.below(PATIENCE_MS / SPEED);
  });

  it('delays nobody for long when a replica is a black hole, too', async () => {
    const { fresh } = await settled();
    await bench.pretend.control.addFault({ host: ORIGIN, status: 503 });
    await bench.pretend.control.setStoreNetwork({ store: 'shop-eu', access: 'black-hole' });
    expect(colorOf(await fresh())).to.deep.equal(['red']);
    await bench.pretend.control.setStoreNetwork({ store: 'shop-eu', access: 'open' });
  });

  it('returns to its host once that is well', async () => {
    const { observe } = await settled();
    await bench.pretend.control.addFault({ host: ORIGIN, status: 503, count: 1 });
    okValue(await observe());
    await until(
      async () => {
        await bench.pretend.control.clearRequests();
        okValue(await observe());
        return (await log()).join() === `HEAD ${ORIGIN} 304`;
      },
      { what: 'the own host to be asked alone', deadlineMs: 30_000, everyMs: 20 },
    );
  });

  it('does not go back in time at a replica that is behind', async () => {
    const { fresh } = await settled();
    for (const store of ['shop-eu', 'shop-us']) await bench.pretend.control.setReplica({ store, staleBy: 1 });
    await nextSecond();
    await setColor('blue');
    expect(colorOf(await fresh())).to.deep.equal(['blue']);
    await bench.pretend.control.addFault({ host: ORIGIN, status: 503 });
    const failure = failureOf(await fresh());
    expect(failure.message).to.include(`${EU} (ReplicaBehind), ${US} (ReplicaBehind)`);
    await bench.pretend.control.setReplica({ store: 'shop-us', staleBy: 0 });
    expect(colorOf(await fresh())).to.deep.equal(['blue']);
  });

  it('asks no other host when a role is missing', async () => {
    const { observe } = await settled();
    const role = { role: 'AppConfigurationDataReader', principal: bench.clientId, ...STORE } as const;
    await bench.pretend.control.removeRole(role);
    expect(failureOf(await observe()).reason).to.equal('StoreForbidden');
    expect(await log()).to.deep.equal([`HEAD ${ORIGIN} 403`, `GET ${ORIGIN} 403`]);
    await bench.pretend.control.assignRole(role);
  });

  it('names the store in what to do when it is a replica that refuses', async () => {
    const { control } = bench.pretend;
    const { observe } = await settled();
    await control.addFault({ host: ORIGIN, status: 503 });
    const role = { role: 'AppConfigurationDataReader', principal: bench.clientId, ...STORE } as const;
    await control.removeRole(role);
    const forbidden = failureOf(await observe());
    await control.assignRole(role);
    for (const store of ['shop-eu', 'shop-us']) await control.setStoreNetwork({ store, access: 'denied' });
    const refused = failureOf(await observe());
    expect([forbidden.reason, refused.reason]).to.deep.equal(['StoreForbidden', 'StoreFirewall']);
    for (const failure of [forbidden, refused]) {
      // Lists of stores know endpoints of stores only.
      const text = JSON.stringify(failure.kind === 'blocked' ? failure.remedies : []);
      expect(text).to.include(`[?endpoint=='https://${ORIGIN}']`).and.not.include(EU).and.not.include(US);
      expect(failure.message).to.match(/https:\/\/shop-(eu|us)\.azconfig\.io/);
    }
    expect(forbidden.message).to.include(`grant App Configuration Data Reader on https://${ORIGIN} to`);
  });

  it('fails with the names of all hosts when none answers', async () => {
    const { observe } = await settled();
    await bench.pretend.control.addFault({ service: 'appconfig', status: 503 });
    const { message } = failureOf(await observe());
    expect(message).to.include(`https://${ORIGIN} answers HTTP 503`);
    expect(message).to.include(`Its other hosts do not serve either: ${EU} (StoreUnreachable), ${US}`);
  });

  for (const mode of ['servfail', 'refused', 'nxdomain', 'silent', 'garbage'] as const) {
    it(`reads its own host whether or not DNS answers ${mode}`, async () => {
      await bench.pretend.control.addDnsTrouble({ mode });
      const { fresh, observe } = reader();
      const startedAt = performance.now();
      expect(colorOf(await fresh())).to.deep.equal(['red']);
      okValue(await observe());
      // A question that is not answered takes two seconds, and is asked twice.
      expect(performance.now() - startedAt).to.be.below(3_500);
      expect(okValue(await fresh({ ...select('*'), replicas: 'balanced' })).settings).to.have.length(1);
    });
  }

  it('waits for DNS when its host fails at the very first read', async () => {
    await bench.pretend.control.addFault({ host: ORIGIN, status: 503 });
    expect(colorOf(await reader().fresh())).to.deep.equal(['red']);
  });

  it('takes no host elsewhere for a replica, whatever DNS says', async () => {
    for (const target of ['evil.example.com', 'shop-vault.vault.azure.net'])
      await bench.pretend.control.addDnsRecord({ name: `_alt0._tcp.${ORIGIN}`, target });
    const { replicas } = await settled();
    expect(replicas().toSorted()).to.deep.equal([EU, US]);
  });

  it('shares its selections with its replicas when the load is balanced', async () => {
    const { fresh } = await settled();
    for (let index = 0; index < 30; index += 1)
      okValue(await fresh({ ...select(`key${index}`), replicas: 'balanced' }));
    const hosts = new Set(
      (await bench.pretend.control.requests({ service: 'appconfig' })).map(({ host }) => host),
    );
    expect([...hosts].toSorted()).to.deep.equal([EU, US, ORIGIN].toSorted());
  });
});

/** Times of modification are whole seconds. */
function nextSecond(): Promise<unknown> {
  const second = () => Math.floor(Date.now() / 1_000);
  const now = second();
  return until(async () => second() > now, { what: 'the next second', deadlineMs: 10_000, everyMs: 10 });
}
