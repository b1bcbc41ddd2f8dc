import { expect } from 'chai';
import fc from 'fast-check';
import { LeaderElection } from '../../../src/runtime/leader-election.ts';
import { LEASES, type Lease, microTime } from '../../../src/runtime/lease.ts';
import {
  failWith,
  type Interceptor,
  type MemoryClient,
  MemoryCluster,
  RecordingLogger,
  RecordingMetrics,
  SeededRandom,
} from '../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const ref = { type: LEASES, namespace: 'default', name: 'operator' };
const unavailable = failWith({ kind: 'status', code: 503, reason: '', causes: [] });

interface Candidate {
  readonly identity: string;
  readonly election: LeaderElection;
  readonly metrics: RecordingMetrics;
  readonly client: MemoryClient;
  /** 'leading' and 'lost', as told. */
  readonly told: string[];
  /** Between the calls `onLeading` and `onLost`. */
  acting: boolean;
}

describe('leader election', () => {
  function world() {
    const clock = new VirtualClock();
    const cluster = new MemoryCluster(clock);
    let seed = 0;
    const candidate = (identity: string, intercept: Interceptor = () => 'proceed'): Candidate => {
      seed += 1;
      const metrics = new RecordingMetrics();
      const client = cluster.client({ intercept });
      const election = new LeaderElection({
        api: client,
        namespace: 'default',
        name: 'operator',
        identity,
        clock,
        random: new SeededRandom(seed),
        metrics,
        logger: new RecordingLogger(),
      });
      const self: Candidate = { identity, election, metrics, client, told: [], acting: false };
      election.start({
        onLeading: () => {
          self.told.push('leading');
          self.acting = true;
        },
        onLost: () => {
          self.told.push('lost');
          self.acting = false;
        },
      });
      return self;
    };
    const lease = (): Lease | undefined => cluster.read<Lease>(ref);
    return { candidate, clock, cluster, lease };
  }

  it('gives the lease to one of two, and the other waits', async () => {
    const { candidate, clock, lease } = world();
    const [a, b] = [candidate('a'), candidate('b')];
    await clock.advance(3_600_000);
    expect([a.told, b.told]).to.deep.equal([['leading'], []]);
    expect([a.election.isLeading(), b.election.isLeading()]).to.deep.equal([true, false]);
    expect(lease()?.spec).to.deep.include({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
    });
    expect([a, b].map(({ metrics }) => metrics.values.get('leader'))).to.deep.equal([1, 0]);
  });

  it('writes times with six fraction digits', () => {
    expect(microTime(Date.UTC(2026, 0, 2, 3, 4, 5, 6))).to.equal('2026-01-02T03:04:05.006000Z');
  });

  it('hands over at once when the leader stops', async () => {
    const { candidate, clock, lease } = world();
    const [a, b] = [candidate('a'), candidate('b')];
    await clock.advance(60_000);
    await a.election.stop();
    expect(lease()?.spec).to.deep.include({ holderIdentity: '' });
    await clock.runUntil(() => b.acting, 3_000);
    expect(lease()?.spec).to.deep.include({ holderIdentity: 'b', leaseTransitions: 1 });
    expect(a.told).to.deep.equal(['leading']);
  });

  it('lets another lead only when a dead leader has been silent for the duration of its lease', async () => {
    const { candidate, clock } = world();
    const [a, b] = [candidate('a'), candidate('b')];
    await clock.advance(60_000);
    a.client.kill();
    const killed = clock.now();
    await clock.runUntil(() => b.acting, 30_000);
    expect(clock.now() - killed).to.be.within(12_000, 20_000);
  });

  it('does not trust the times in the lease: clocks of machines differ', async () => {
    const { candidate, clock, cluster } = world();
    const old = microTime(0);
    const spec = { holderIdentity: 'elsewhere', leaseDurationSeconds: 15, renewTime: old, acquireTime: old };
    cluster.seed<Lease>(LEASES, { metadata: { namespace: 'default', name: 'operator' }, spec });
    const a = candidate('a');
    await clock.advance(14_000);
    expect(a.told).to.deep.equal([]);
    await clock.advance(5_000);
    expect(a.told).to.deep.equal(['leading']);
  });

  it('is lost by a leader that cannot renew, before others may take it', async () => {
    let down = false;
    const { candidate, clock } = world();
    const a = candidate('a', () => (down ? unavailable : 'proceed'));
    await clock.advance(60_000);
    const b = candidate('b');
    down = true;
    let lostAt = 0;
    await clock.runUntil(() => {
      lostAt ||= a.acting ? 0 : clock.now();
      return b.acting;
    }, 60_000);
    expect(lostAt).to.be.greaterThan(0).and.lessThan(clock.now());
  });

  it('is lost by a leader whose renewals hang', async () => {
    let hang = false;
    const { candidate, clock } = world();
    const a = candidate('a', () => (hang ? new Promise(() => undefined) : 'proceed'));
    await clock.advance(60_000);
    hang = true;
    await clock.advance(13_000);
    expect(a.told).to.deep.equal(['leading', 'lost']);
  });

  for (const verb of ['get', 'update'])
    it(`is kept by a leader one of whose calls hangs: ${verb}`, async () => {
      let hang = false;
      const { candidate, clock } = world();
      const a = candidate('a', (call) => {
        if (!hang || call.verb !== verb) return 'proceed';
        hang = false;
        return new Promise(() => undefined);
      });
      await clock.advance(60_000);
      hang = true;
      await clock.advance(30_000);
      expect(hang).to.equal(false);
      expect(a.told).to.deep.equal(['leading']);
    });

  it('is kept by a leader whose server takes almost four seconds for each renewal', async () => {
    const { candidate, clock } = world();
    let slow = false;
    const a = candidate('a', async (): Promise<'proceed'> => {
      if (slow) await clock.sleep(1_850);
      return 'proceed';
    });
    await clock.advance(60_000);
    slow = true;
    await clock.advance(600_000);
    expect(a.told).to.deep.equal(['leading']);
  });

  it('is lost as soon by a leader whose clock was set back, and taken as soon by a candidate whose clock was', async () => {
    let down = false;
    const { candidate, clock } = world();
    const a = candidate('a', () => (down ? unavailable : 'proceed'));
    await clock.advance(60_000);
    const b = candidate('b');
    await clock.advance(10_000);
    clock.setBack(3_600_000);
    down = true;
    await clock.advance(13_000);
    expect(a.told).to.deep.equal(['leading', 'lost']);
    await clock.advance(20_000);
    expect(b.told).to.deep.equal(['leading']);
  });

  it('is kept by a leader whose clock was set back while it can renew', async () => {
    const { candidate, clock } = world();
    const a = candidate('a');
    await clock.advance(60_000);
    clock.setBack(3_600_000);
    await clock.advance(60_000);
    expect(a.told).to.deep.equal(['leading']);
  });

  it('survives failures that are shorter than the renew deadline', async () => {
    let failures = 0;
    const { candidate, clock } = world();
    const a = candidate('a', () => (failures-- > 0 ? unavailable : 'proceed'));
    await clock.advance(60_000);
    failures = 3;
    await clock.advance(60_000);
    expect(a.told).to.deep.equal(['leading']);
  });

  it('is a candidate again after a loss', async () => {
    let down = false;
    const { candidate, clock } = world();
    const a = candidate('a', () => (down ? unavailable : 'proceed'));
    await clock.advance(60_000);
    down = true;
    await clock.advance(60_000);
    down = false;
    await clock.advance(30_000);
    expect(a.told).to.deep.equal(['leading', 'lost', 'leading']);
  });

  it('frees the lease even when the answer to its last attempt was lost', async () => {
    const { candidate, clock, lease } = world();
    const a = candidate('a', ({ verb }) =>
      verb === 'create' ? { kind: 'fail', error: { kind: 'timeout' }, applied: true } : 'proceed',
    );
    await clock.settle();
    expect(lease()?.spec?.holderIdentity).to.equal('a');
    await a.election.stop();
    expect(lease()?.spec?.holderIdentity).to.equal('');
  });

  it('never has two leaders at once, whatever fails', async () => {
    const turn = fc.record({
      who: fc.nat(2),
      fails: fc.boolean(),
      ms: fc.integer({ min: 100, max: 12_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { maxLength: 25 }), async (turns) => {
        const { candidate, clock } = world();
        const failing = [false, false, false];
        const candidates = failing.map((_, i) =>
          candidate(`c${i}`, () => (failing[i] ? unavailable : 'proceed')),
        );
        const check = (): boolean => {
          expect(candidates.filter(({ acting }) => acting).length).to.be.at.most(1);
          return false;
        };
        for (const { fails, ms, who } of turns) {
          failing[who] = fails;
          await clock.runUntil(check, ms).catch(onlyLimit);
        }
        failing.fill(false);
        await clock.runUntil(check, 40_000).catch(onlyLimit);
        expect(candidates.filter(({ acting }) => acting)).to.have.length(1);
      }),
      { numRuns: 40 },
    );
  });
});

/** `runUntil` of a condition that never holds ends with its limit; anything else is a finding. */
function onlyLimit(error: unknown): void {
  if (!(error instanceof Error) || !error.message.startsWith('The condition does not hold')) throw error;
}
