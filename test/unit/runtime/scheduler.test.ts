import { expect } from 'chai';
import fc from 'fast-check';
import { DueHeap } from '../../../src/runtime/due-heap.ts';
import { Scheduler } from '../../../src/runtime/scheduler.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

describe('due times', () => {
  it('come out in order, each key once, at the earliest time it was put for', () => {
    const operation = fc.tuple(
      fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      fc.integer({ min: 0, max: 50 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const heap = new DueHeap();
        const model = new Map<string, number>();
        for (const [key, due, remove] of operations) {
          if (remove) {
            heap.remove(key);
            model.delete(key);
          } else {
            heap.put(key, due);
            model.set(key, Math.min(model.get(key) ?? due, due));
          }
          expect(heap.nextDue()).to.equal(model.size === 0 ? undefined : Math.min(...model.values()));
        }
        const taken = heap.takeDue(50);
        expect(taken.map((key) => model.get(key))).to.deep.equal([...model.values()].sort((a, b) => a - b));
        expect(heap.size).to.equal(0);
      }),
    );
  });
});

describe('the scheduler', () => {
  function setup() {
    const clock = new VirtualClock(0);
    const fired: [string, number][] = [];
    const scheduler = new Scheduler(clock, (key) => fired.push([key, clock.now()]));
    return { clock, fired, scheduler };
  }

  it('fires each key when it is due, with a single timer', async () => {
    const { clock, fired, scheduler } = setup();
    scheduler.schedule('b', 200);
    scheduler.schedule('a', 100);
    scheduler.schedule('c', 200);
    expect(clock.pending).to.equal(1);
    await clock.advance(1_000);
    expect(fired).to.deep.equal([
      ['a', 100],
      ['b', 200],
      ['c', 200],
    ]);
  });

  it('keeps the earlier of two times', async () => {
    const { clock, fired, scheduler } = setup();
    scheduler.schedule('a', 100);
    scheduler.schedule('a', 500);
    scheduler.schedule('b', 500);
    scheduler.schedule('b', 50);
    await clock.advance(1_000);
    expect(fired).to.deep.equal([
      ['b', 50],
      ['a', 100],
    ]);
  });

  it('forgets what was cancelled, and everything on stop', async () => {
    const { clock, fired, scheduler } = setup();
    scheduler.schedule('a', 10);
    scheduler.schedule('b', 20);
    scheduler.cancel('a');
    await clock.advance(15);
    scheduler.stop();
    scheduler.schedule('c', 1);
    await clock.advance(100);
    expect(fired).to.deep.equal([]);
    expect(clock.pending).to.equal(0);
  });

  it('is not held up by a wall clock that is set back', async () => {
    const { clock, fired } = setup();
    const timers: (() => void)[] = [];
    const setTimer = (_: number, callback: () => void) => {
      timers.push(callback);
      return { cancel: () => undefined };
    };
    const manual = { now: () => clock.now(), sleep: () => Promise.resolve(), setTimer };
    const setBack = new Scheduler(manual, (key) => fired.push([key, clock.now()]));
    setBack.schedule('a', 1_000);
    clock.jump(-3_600_000);
    timers[0]?.();
    expect(fired.map(([key]) => key)).to.deep.equal(['a']);
  });
});
