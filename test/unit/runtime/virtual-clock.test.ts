import { expect } from 'chai';
import PQueue from 'p-queue';
import { VirtualClock } from '../../support/virtual-clock.ts';

describe('the virtual clock', () => {
  it('fires timers in the order of their due times, then of their creation', async () => {
    const clock = new VirtualClock(0);
    const fired: string[] = [];
    for (const [name, ms] of [
      ['c', 20],
      ['a', 10],
      ['b', 10],
      ['d', 5],
    ] as const) {
      clock.setTimer(ms, () => fired.push(`${name}@${clock.now()}`));
    }
    await clock.advance(20);
    expect(fired).to.deep.equal(['d@5', 'a@10', 'b@10', 'c@20']);
    expect(clock.now()).to.equal(20);
  });

  it('runs promise chains to their end before time moves on', async () => {
    const clock = new VirtualClock(0);
    const seen: number[] = [];
    const work = (async () => {
      for (let i = 0; i < 3; i += 1) {
        await clock.sleep(10);
        for (let turn = 0; turn < 50; turn += 1) await undefined;
        seen.push(clock.now());
      }
    })();
    await clock.advance(25);
    expect(seen).to.deep.equal([10, 20]);
    await clock.advance(5);
    await work;
    expect(seen).to.deep.equal([10, 20, 30]);
  });

  it('drives p-queue', async () => {
    const clock = new VirtualClock(0);
    const queue = new PQueue({ concurrency: 2 });
    const ends: number[] = [];
    for (let i = 0; i < 5; i += 1) void queue.add(() => clock.sleep(100)).then(() => ends.push(clock.now()));
    await clock.advance(1_000);
    expect(ends).to.deep.equal([100, 100, 200, 200, 300]);
  });

  it('ends a sleep when its signal aborts, and forgets its timer', async () => {
    const clock = new VirtualClock(0);
    const controller = new AbortController();
    const sleeping = clock.sleep(1_000, controller.signal);
    controller.abort();
    await sleeping;
    expect([clock.now(), clock.pending]).to.deep.equal([0, 0]);
  });

  it('runs until a condition holds, and says when it never will', async () => {
    const clock = new VirtualClock(0);
    let ticks = 0;
    const tick = (): void => {
      ticks += 1;
      if (ticks < 10) clock.setTimer(100, tick);
    };
    tick();
    await clock.runUntil(() => ticks === 5);
    expect(clock.now()).to.equal(400);
    const fails = async (limit: number): Promise<string> =>
      clock.runUntil(() => false, limit).then(() => '', String);
    expect(await fails(200)).to.contain('does not hold after 200 ms');
    expect(await fails(10_000)).to.contain('Nothing waits');
  });
});
