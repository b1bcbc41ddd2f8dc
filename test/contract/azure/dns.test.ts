import { promises as dns } from 'node:dns';
import { connect } from 'node:net';
import { expect } from 'chai';
import { readQuestion } from '../../../dev/azure/dns/message.ts';
import { until } from '../../../dev/cluster/wait.ts';
import { startWorld, type World } from './world.ts';

const STORE = { store: 'contoso' } as const;
const ORIGIN = '_origin._tcp.contoso.azconfig.io';
const alt = (index: number) => `_alt${index}._tcp.contoso.azconfig.io`;

describe('pretend Azure: DNS (A.15)', () => {
  let world: World;
  let resolver: dns.Resolver;
  /** For what is not answered at all. */
  let impatient: dns.Resolver;

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    await world.control.createStore({ name: 'contoso' });
    resolver = resolverOf(10_000);
    impatient = resolverOf(200);
  });
  afterEach(() => {
    resolver.cancel();
    impatient.cancel();
  });
  after(() => world.stop());

  const resolverOf = (timeout: number) => {
    const made = new dns.Resolver({ timeout, tries: 1 });
    made.setServers([world.azure.dnsServer]);
    return made;
  };
  const targets = async (name: string) => (await resolver.resolveSrv(name)).map((record) => record.name);
  const code = (name: string, asks = resolver) =>
    asks.resolveSrv(name).then(
      () => 'answered',
      (error: { code?: string }) => error.code,
    );
  const questions = async () =>
    (await world.control.requests({ service: 'dns' })).map(({ method, host, path, status }) => [
      method,
      host,
      path,
      status,
    ]);

  it('names the origin, for the origin and for a replica, and then the replicas until NXDOMAIN', async () => {
    await world.control.createReplica({ ...STORE, name: 'eu' });
    await world.control.createReplica({ ...STORE, name: 'us' });
    const [record] = await resolver.resolveSrv(ORIGIN);
    expect(record).to.include({ name: 'contoso.azconfig.io', port: 443 });
    expect(await targets('_origin._tcp.contoso-eu.azconfig.io')).to.deep.equal(['contoso.azconfig.io']);
    expect(await targets(alt(0))).to.deep.equal(['contoso-eu.azconfig.io']);
    expect(await targets(alt(1))).to.deep.equal(['contoso-us.azconfig.io']);
    expect(await code(alt(2))).to.equal('ENOTFOUND');
    expect(await code('_alt0._tcp.contoso-eu.azconfig.io')).to.equal('ENOTFOUND');
  });

  it('knows no store that does not exist, and no addresses', async () => {
    expect(await code('_origin._tcp.fabrikam.azconfig.io')).to.equal('ENOTFOUND');
    for (const lookup of [resolver.resolve4('contoso.azconfig.io'), resolver.resolve6('contoso.azconfig.io')])
      expect(await lookup.then(String, (error: { code?: string }) => error.code)).to.equal('ENOTFOUND');
  });

  it('forgets a replica that is deleted', async () => {
    await world.control.createReplica({ ...STORE, name: 'eu' });
    await world.control.deleteReplica('contoso-eu');
    expect(await code(alt(0))).to.equal('ENOTFOUND');
  });

  it('adds records that no honest zone would have', async () => {
    await world.control.addDnsRecord({ name: alt(0), target: 'evil.example.com', port: 8443 });
    const [record] = await resolver.resolveSrv(alt(0));
    expect(record).to.include({ name: 'evil.example.com', port: 8443, priority: 0, weight: 0 });
    await world.control.clearDns();
    expect(await code(alt(0))).to.equal('ENOTFOUND');
  });

  for (const [mode, expected] of [
    ['servfail', 'ESERVFAIL'],
    ['refused', 'EREFUSED'],
    ['nxdomain', 'ENOTFOUND'],
    ['silent', 'ETIMEOUT'],
    ['garbage', 'EBADRESP'],
  ] as const) {
    it(`answers "${mode}" for the names it is asked to, as often as it is asked to`, async () => {
      await world.control.addDnsTrouble({ mode, name: '^_origin', count: 1 });
      await world.control.createReplica({ ...STORE, name: 'eu' });
      expect(await targets(alt(0))).to.have.length(1);
      expect(await code(ORIGIN, mode === 'silent' ? impatient : resolver)).to.equal(expected);
      expect(await targets(ORIGIN)).to.have.length(1);
    });
  }

  it('cuts answers off over UDP, so that the client asks again over TCP', async () => {
    await world.control.addDnsTrouble({ mode: 'truncated', transport: 'udp' });
    expect(await targets(ORIGIN)).to.deep.equal(['contoso.azconfig.io']);
    expect(await questions()).to.deep.equal([
      ['SRV', ORIGIN, 'udp', 0],
      ['SRV', ORIGIN, 'tcp', 0],
    ]);
  });

  it('can fail over TCP what it cut off over UDP', async () => {
    await world.control.addDnsTrouble({ mode: 'truncated', transport: 'udp' });
    await world.control.addDnsTrouble({ mode: 'servfail', transport: 'tcp' });
    expect(await code(ORIGIN)).to.equal('ESERVFAIL');
  });

  it('answers late', async () => {
    await world.control.addDnsTrouble({ delayMs: 50, count: 1 });
    const start = performance.now();
    expect(await targets(ORIGIN)).to.have.length(1);
    expect(performance.now() - start).to.be.at.least(45);
  });

  it('logs each question with its transport and response code, -1 for silence', async () => {
    await code(alt(0));
    await world.control.addDnsTrouble({ mode: 'silent' });
    await code(ORIGIN, impatient);
    await until(async () => (await questions()).length > 1, { what: 'the second question' });
    expect(await questions()).to.deep.equal([
      ['SRV', alt(0), 'udp', 3],
      ['SRV', ORIGIN, 'udp', -1],
    ]);
  });

  it('reads TCP messages that arrive in pieces and together', async () => {
    const [host = '', port = ''] = world.azure.dnsServer.split(':');
    const message = question(ORIGIN);
    const framed = Buffer.concat([Buffer.from([0, message.length]), message]);
    const socket = connect(Number(port), host);
    const answers: Buffer[] = [];
    const enough = new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        answers.push(chunk);
        if (Buffer.concat(answers).length >= 2 * (Buffer.concat(answers).readUInt16BE(0) + 2)) resolve();
      });
    });
    socket.write(framed.subarray(0, 7));
    socket.write(Buffer.concat([framed.subarray(7), framed]));
    await enough;
    socket.destroy();
    expect(Buffer.concat(answers).toString('latin1').split('contoso').length - 1).to.equal(6);
  });

  it('reads names without case, and takes nothing unreadable for a question', () => {
    const good = question(ORIGIN);
    expect(readQuestion(good)).to.include({ name: ORIGIN, type: 'SRV', id: 7 });
    expect(readQuestion(question(ORIGIN.toUpperCase()))?.name).to.equal(ORIGIN);
    for (let length = 0; length < good.length; length += 1)
      expect(readQuestion(good.subarray(0, length)), String(length)).to.equal(undefined);
    expect(
      readQuestion(Buffer.concat([good.subarray(0, 12), Buffer.from([0xc0, 0x0c, 0, 33, 0, 1])])),
    ).to.equal(undefined);
  });

  /** An SRV question with the id 7. */
  function question(name: string): Buffer {
    const labels = name.split('.').map((label) => Buffer.from(String.fromCharCode(label.length) + label));
    const header = Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    return Buffer.concat([header, ...labels, Buffer.from([0, 0, 33, 0, 1])]);
  }
});
