import { expect } from 'chai';
import { blocked, fail, ok, type Result, throttled, unavailable } from '../../../src/domain/failure.ts';
import { Gate } from '../../../src/sources/gate.ts';
import { DATA_HOST, ENTRA } from '../../../src/sources/host-rules.ts';
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, TROUBLE_MS } from '../../../src/sources/trouble.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { deferred, failureOf, outcomeOf, patience } from './fixtures.ts';

describe('Gate', () => {
  const down = async (): Promise<Result<number>> => fail(unavailable('StoreUnreachable', 'down'));
  const fine = async (): Promise<Result<number>> => ok(1);

  /** A random source that gives the longest pauses. */
  const longest = { next: () => 1 };
  const gateWith = (clock: VirtualClock, concurrency = 8) =>
    new Gate({ clock, random: longest, concurrency });

  const remaining = (result: Result<unknown>): number | undefined => {
    const failure = failureOf(result);
    return 'retryAfterMs' in failure ? failure.retryAfterMs : undefined;
  };

  it('runs no more calls of one host at once than it is told, and those of others beside them', async () => {
    const gate = gateWith(new VirtualClock(), 2);
    const end = deferred<void>();
    let [running, peak] = [0, 0];
    const call = async () => {
      running += 1;
      peak = Math.max(peak, running);
      await end.promise;
      running -= 1;
      return ok(1);
    };
    const calls = Array.from({ length: 5 }, () => gate.run('a', patience(), call));
    expect(outcomeOf(await gate.run('b', patience(), fine))).to.equal('ok');
    end.resolve();
    await Promise.all(calls);
    expect(peak).to.equal(2);
  });

  it('answers with the remaining pause while a host is throttled, and lets other hosts pass', async () => {
    const clock = new VirtualClock();
    const gate = gateWith(clock);
    const slow = throttled('StoreThrottled', 'pause', 5_000);
    expect(failureOf(await gate.run('a', patience(), async () => fail(slow)))).to.deep.equal(slow);
    await clock.advance(2_000);
    let called = false;
    const held = await gate.run('a', patience(), async () => {
      called = true;
      return ok(1);
    });
    expect(failureOf(held)).to.deep.equal({ ...slow, retryAfterMs: 3_000 });
    expect(called).to.equal(false);
    expect(outcomeOf(await gate.run('b', patience(), fine))).to.equal('ok');
    await clock.advance(3_000);
    expect(outcomeOf(await gate.run('a', patience(), fine))).to.equal('ok');
  });

  it('holds back those who waited for their turn when the host asks for a pause', async () => {
    const gate = gateWith(new VirtualClock(), 1);
    const results = await Promise.all([
      gate.run('a', patience(), async () => fail(throttled('VaultThrottled', 'pause', 1_000))),
      gate.run('a', patience(), fine),
    ]);
    expect(results.map(outcomeOf)).to.deep.equal(['VaultThrottled', 'VaultThrottled']);
  });

  it('doubles the pause of a host that stays unreachable up to a limit, and forgets on success', async () => {
    const clock = new VirtualClock();
    const gate = gateWith(clock);
    const pauses: (number | undefined)[] = [];
    for (let turn = 0; turn < 8; turn += 1) {
      await gate.run('a', patience(), down);
      const pause = remaining(await gate.run('a', patience(), fine)) ?? 0;
      pauses.push(pause);
      await clock.advance(pause);
    }
    expect(pauses.slice(0, 3)).to.deep.equal([FIRST_PAUSE_MS, 2 * FIRST_PAUSE_MS, 4 * FIRST_PAUSE_MS]);
    expect(pauses.at(-1)).to.equal(LONGEST_PAUSE_MS);
    await gate.run('a', patience(), fine);
    await gate.run('a', patience(), down);
    expect(remaining(await gate.run('a', patience(), fine))).to.equal(FIRST_PAUSE_MS);
  });

  it('counts failures of calls that ran together once', async () => {
    const clock = new VirtualClock();
    const gate = gateWith(clock);
    await Promise.all(Array.from({ length: 6 }, () => gate.run('a', patience(), down)));
    expect(remaining(await gate.run('a', patience(), fine))).to.equal(FIRST_PAUSE_MS);
  });

  it('takes the pause that an unreachable host names', async () => {
    const gate = gateWith(new VirtualClock());
    await gate.run('a', patience(), async () => fail(unavailable('StoreUnreachable', 'busy', 12_345)));
    expect(remaining(await gate.run('a', patience(), fine))).to.equal(12_345);
  });

  it('does not hold a host for what concerns one identity', async () => {
    const gate = gateWith(new VirtualClock());
    const failures = [
      blocked('StoreForbidden', 'no role'),
      throttled('EntraThrottled', 'pause', 9_000),
      unavailable('EntraUnavailable', 'down'),
      unavailable('KubernetesUnavailable', 'down'),
    ];
    for (const failure of failures) {
      await gate.run('a', patience(), async () => fail(failure));
      expect(outcomeOf(await gate.run('a', patience(), fine))).to.equal('ok');
    }
  });

  it('cancels a waiting caller at once', async () => {
    const gate = gateWith(new VirtualClock(), 1);
    const end = deferred<void>();
    const running = gate.run('a', patience(), async () => {
      await end.promise;
      return ok(1);
    });
    const leave = new AbortController();
    let called = false;
    const waiting = gate.run('a', leave.signal, async () => {
      called = true;
      return ok(2);
    });
    leave.abort();
    expect(outcomeOf(await waiting)).to.equal('cancelled');
    end.resolve();
    await running;
    expect(called).to.equal(false);
  });

  it('passes an exception on and frees the place', async () => {
    const gate = gateWith(new VirtualClock(), 1);
    const thrown = await gate.run('a', patience(), () => Promise.reject(new Error('bug'))).catch(String);
    expect(thrown).to.equal('Error: bug');
    expect(outcomeOf(await gate.run('a', patience(), fine))).to.equal('ok');
  });

  it('tries a host that was unreachable with one call at a time until it answers', async () => {
    const clock = new VirtualClock();
    const gate = gateWith(clock);
    const first = await gate.run('a', patience(), down);
    await clock.advance(remaining(first) ?? 0);
    const hangs = deferred<Result<number>>();
    const probe = gate.run('a', patience(), () => hangs.promise);
    const others = await Promise.all([1, 2, 3].map(() => gate.run('a', patience(), fine)));
    expect(others.map(outcomeOf)).to.deep.equal(Array(3).fill('StoreUnreachable'));
    expect(others.map(remaining)).to.deep.equal(Array(3).fill(FIRST_PAUSE_MS));
    hangs.resolve(ok(1));
    await probe;
    const both = await Promise.all([gate.run('a', patience(), fine), gate.run('a', patience(), fine)]);
    expect(both.map(outcomeOf)).to.deep.equal(['ok', 'ok']);
  });

  it('tries again after a probe that threw', async () => {
    const clock = new VirtualClock();
    const gate = gateWith(clock);
    await clock.advance(remaining(await gate.run('a', patience(), down)) ?? 0);
    await gate.run('a', patience(), () => Promise.reject(new Error('bug'))).catch(() => undefined);
    expect(outcomeOf(await gate.run('a', patience(), fine))).to.equal('ok');
  });

  it('holds all identities of a tenant of Entra, and an answer about one of them frees it', async () => {
    const clock = new VirtualClock();
    const gate = new Gate({ clock, random: longest, rules: ENTRA });
    for (const failure of [
      throttled('EntraThrottled', 'pause', 9_000),
      unavailable('EntraUnavailable', 'x'),
    ]) {
      const held = await gate.run('login', patience(), async () => fail(failure));
      expect(outcomeOf(await gate.run('login', patience(), fine))).to.equal(outcomeOf(held));
      await clock.advance(remaining(held) ?? 0);
      const unknown = blocked('ApplicationNotFound', 'there is none');
      expect(failureOf(await gate.run('login', patience(), async () => fail(unknown)))).to.equal(unknown);
      expect(outcomeOf(await gate.run('login', patience(), fine))).to.equal('ok');
    }
  });

  describe('with a rate', () => {
    const rules = { ...DATA_HOST, rate: { perSecond: 10, burst: 5 } };

    it('lets a burst pass at once and what follows at an even rate, host by host', async () => {
      const clock = new VirtualClock();
      const gate = new Gate({ clock, rules });
      const begun: number[] = [];
      const start = clock.now();
      const call = async () => ok(begun.push(clock.now() - start));
      const all = Promise.all(Array.from({ length: 8 }, () => gate.run('a', patience(), call)));
      await clock.settle();
      expect(begun).to.deep.equal([0, 0, 0, 0, 0]);
      expect(outcomeOf(await gate.run('b', patience(), fine))).to.equal('ok');
      await clock.advance(300);
      expect(begun.slice(5)).to.deep.equal([100, 200, 300]);
      await all;
    });

    it('counts each request that a call makes', async () => {
      const clock = new VirtualClock();
      const gate = new Gate({ clock, rules });
      await gate.run('a', patience(), fine, 5);
      let done = false;
      void gate.run('a', patience(), fine).then(() => {
        done = true;
      });
      await clock.advance(99);
      expect(done).to.equal(false);
      await clock.advance(1);
      expect(done).to.equal(true);
    });

    it('cancels who waits for the rate, and refuses once the host is held', async () => {
      const clock = new VirtualClock();
      const gate = new Gate({ clock, rules });
      const slow = deferred<Result<number>>();
      const asked = gate.run('a', patience(), () => slow.promise, 15);
      const leave = new AbortController();
      const left = gate.run('a', leave.signal, fine);
      const held = gate.run('a', patience(), fine);
      await clock.settle();
      leave.abort();
      expect(outcomeOf(await left)).to.equal('cancelled');
      slow.resolve(fail(throttled('StoreThrottled', 'pause', 60_000)));
      await asked;
      await clock.advance(5_000);
      expect(outcomeOf(await held)).to.equal('StoreThrottled');
    });

    it('forgets a host once it may burst again', async () => {
      const clock = new VirtualClock();
      const gate = new Gate({ clock, rules });
      await gate.run('a', patience(), fine);
      expect(gate.size).to.equal(1);
      await clock.advance(100);
      expect(gate.size).to.equal(0);
    });
  });

  it('learns that a host answers again though the clock was set back', async () => {
    const clock = new VirtualClock();
    const gate = gateWith(clock);
    await gate.run('a', patience(), down);
    clock.setBack(3_600_000);
    expect(outcomeOf(await gate.run('a', patience(), fine))).to.equal('ok');
    const both = await Promise.all([gate.run('a', patience(), fine), gate.run('a', patience(), fine)]);
    expect(both.map(outcomeOf)).to.deep.equal(['ok', 'ok']);
  });

  it('does not hold a host for as long as the clock was set back', async () => {
    const failures = [unavailable('StoreUnreachable', 'down'), throttled('StoreThrottled', 'pause', 1_000)];
    for (const failure of failures) {
      const clock = new VirtualClock();
      const gate = gateWith(clock);
      const failing = async () => fail(failure);
      await gate.run('a', patience(), failing);
      clock.setBack(3_600_000);
      await gate.run('a', patience(), failing);
      await clock.advance(LONGEST_PAUSE_MS);
      expect(outcomeOf(await gate.run('a', patience(), fine))).to.equal('ok');
    }
  });

  it('forgets a host in trouble that nobody asks any more', async () => {
    const clock = new VirtualClock();
    const gate = gateWith(clock);
    await gate.run('a', patience(), async () => fail(throttled('StoreThrottled', 'pause', 1)));
    await gate.run('b', patience(), async () => fail(unavailable('StoreNotFound', 'gone')));
    await clock.advance(TROUBLE_MS);
    expect(gate.size).to.equal(2);
    await clock.advance(LONGEST_PAUSE_MS);
    expect(gate.size).to.equal(0);
  });

  it('remembers nothing of hosts without trouble', async () => {
    const gate = gateWith(new VirtualClock());
    await gate.run('a', patience(), fine);
    expect(gate.size).to.equal(0);
  });
});
