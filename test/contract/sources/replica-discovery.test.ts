import { expect } from 'chai';
import { ReplicaDiscovery } from '../../../src/adapters/azure/replica-discovery.ts';
import { type Bench, startBench } from './bench.ts';

const HOST = 'shop.azconfig.io';
const STORE = { store: 'shop' } as const;

type DnsTrouble = Parameters<Bench['pretend']['control']['addDnsTrouble']>[0];

describe('the discovery of replicas by DNS', () => {
  let bench: Bench;
  let finder: ReplicaDiscovery;

  before(async () => {
    bench = await startBench();
    await bench.pretend.control.createReplica({ ...STORE, name: 'eu' });
    await bench.pretend.control.createReplica({ ...STORE, name: 'us' });
    finder = new ReplicaDiscovery({ dnsServer: bench.pretend.dnsServer });
  });
  after(() => bench.stop());
  beforeEach(() => bench.pretend.control.clearRequests());
  afterEach(() => bench.pretend.control.clearDns());

  const find = async (host = HOST, signal: AbortSignal = new AbortController().signal) => {
    const { replicas, complete } = await finder.findReplicas(host, signal);
    return { hosts: replicas.map((replica) => replica.host), complete };
  };
  const trouble = (one: DnsTrouble) => bench.pretend.control.addDnsTrouble(one);

  it('finds the origin and all replicas, from whichever host of the store', async () => {
    const all = { hosts: [HOST, 'shop-eu.azconfig.io', 'shop-us.azconfig.io'], complete: true };
    expect(await find()).to.deep.equal(all);
    expect(await find('shop-us.azconfig.io')).to.deep.equal(all);
  });

  it('takes a name that does not exist for an answer: there are no replicas', async () => {
    expect(await find('other.azconfig.io')).to.deep.equal({ hosts: [], complete: true });
  });

  for (const mode of ['servfail', 'refused', 'garbage'] as const) {
    it(`says that it does not know all when DNS answers ${mode}`, async () => {
      await trouble({ mode, name: '^_origin' });
      expect(await find()).to.deep.equal({ hosts: [], complete: false });
      await bench.pretend.control.clearDns();
      await trouble({ mode, name: '^_alt1' });
      expect(await find()).to.deep.equal({ hosts: [HOST, 'shop-eu.azconfig.io'], complete: false });
    });
  }

  it('asks again over TCP what was cut off', async () => {
    await trouble({ mode: 'truncated', transport: 'udp' });
    expect(await find()).to.deep.include({ complete: true });
  });

  it('ends at once when its time is over, with what it has', async () => {
    await trouble({ mode: 'silent', name: '^_alt1' });
    const deadline = new AbortController();
    const found = find(HOST, deadline.signal);
    await asked('_alt1');
    const startedAt = performance.now();
    deadline.abort();
    expect(await found).to.deep.equal({ hosts: [HOST, 'shop-eu.azconfig.io'], complete: false });
    expect(performance.now() - startedAt).to.be.below(1_900);
  });

  it('asks nothing when its time is over before it begins', async () => {
    expect(await find(HOST, AbortSignal.abort())).to.deep.equal({ hosts: [], complete: false });
    expect(await bench.pretend.control.requests({ service: 'dns' })).to.deep.equal([]);
  });

  it('does not end up asking for ever', async () => {
    for (let index = 2; index < 40; index += 1)
      await bench.pretend.control.addDnsRecord({
        name: `_alt${index}._tcp.${HOST}`,
        target: `shop-${index}.azconfig.io`,
      });
    expect((await find()).hosts.length).to.be.below(20);
  });

  it('gives up on names that no DNS can hold', async () => {
    expect(await find(`${'a'.repeat(300)}.azconfig.io`)).to.deep.include({ hosts: [] });
  });

  async function asked(start: string): Promise<void> {
    const { control } = bench.pretend;
    for (let tries = 0; tries < 500; tries += 1) {
      const log = await control.requests({ service: 'dns' });
      if (log.some(({ host }) => host.startsWith(start))) return;
    }
    throw new Error(`${start} was not asked for`);
  }
});
