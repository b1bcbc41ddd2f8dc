import { expect } from 'chai';
import { type Action, done, requeueAfter, retry } from '../../../src/runtime/action.ts';
import { WorkQueue } from '../../../src/runtime/workqueue.ts';
import { RecordingMetrics, SeededRandom } from '../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

describe('the work queue', () => {
  function setup(reconcile: (key: string, signal: AbortSignal) => Promise<Action>, concurrency = 2) {
    const clock = new VirtualClock(0);
    const metrics = new RecordingMetrics();
    const bugs: unknown[] = [];
    const starts: [string, number][] = [];
    const queue = new WorkQueue({
      reconcile: (key, signal) => {
        starts.push([key, clock.now()]);
        return reconcile(key, signal);
      },
      concurrency,
      clock,
      random: { next: () => 0 },
      metrics,
      onBug: (_, error) => bugs.push(error),
    });
    return { bugs, clock, metrics, queue, starts };
  }

  it('waits for resume, then runs each key once however often it was added', async () => {
    const { clock, queue, starts } = setup(async () => done);
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    await clock.settle();
    expect(starts).to.deep.equal([]);
    queue.resume();
    await clock.settle();
    expect(starts.map(([key]) => key)).to.deep.equal(['a', 'b']);
  });

  it('runs a key again that was added while it ran, and not at the same time', async () => {
    let running = 0;
    const { clock, queue, starts } = setup(async () => {
      running += 1;
      expect(running).to.equal(1);
      await clock.sleep(100);
      running -= 1;
      return done;
    });
    queue.resume();
    queue.add('a');
    await clock.advance(50);
    queue.add('a');
    queue.add('a');
    await clock.advance(1_000);
    expect(starts).to.deep.equal([
      ['a', 0],
      ['a', 100],
    ]);
  });

  it('never calls the reconcile from within add', () => {
    const { queue, starts } = setup(async () => done);
    queue.resume();
    queue.add('a');
    expect(starts).to.deep.equal([]);
  });

  it('comes back after the time that a run asked for', async () => {
    const { clock, queue, starts } = setup(async () => requeueAfter(30_000));
    queue.resume();
    queue.add('a');
    await clock.advance(65_000);
    expect(starts.map(([, at]) => at)).to.deep.equal([0, 30_000, 60_000]);
  });

  it('lets each run replace what the one before had asked for', async () => {
    const asked = [30_000, 600_000, 600_000];
    const { clock, queue, starts } = setup(async () => requeueAfter(asked.shift() ?? 600_000));
    queue.resume();
    queue.add('a');
    await clock.advance(10_000);
    queue.add('a');
    await clock.advance(500_000);
    expect(starts.map(([, at]) => at)).to.deep.equal([0, 10_000]);
  });

  it('keeps a time that a caller asked for although a run comes first', async () => {
    const { clock, queue, starts } = setup(async () => done);
    queue.resume();
    queue.addAfter('a', 5_000);
    queue.addAfter('a', 9_000);
    queue.add('a');
    await clock.advance(20_000);
    expect(starts.map(([, at]) => at)).to.deep.equal([0, 5_000]);
  });

  it('retries with growing delays up to five minutes, and starts over after success', async () => {
    let failures = 12;
    const { clock, queue, starts } = setup(async () => (failures-- > 0 ? retry : done));
    queue.resume();
    queue.add('a');
    await clock.advance(3_600_000);
    const delays = starts.map(([, at], i) => at - (starts[i - 1]?.[1] ?? 0)).slice(1);
    expect(delays.slice(0, 4)).to.deep.equal([500, 1_000, 2_000, 4_000]);
    expect(delays.at(-1)).to.equal(300_000);
    failures = 1;
    queue.add('a');
    const before = clock.now();
    await clock.advance(10_000);
    expect(starts.at(-1)).to.deep.equal(['a', before + 500]);
  });

  it('tells a run that throws and retries it', async () => {
    let bug = true;
    const { bugs, clock, queue, starts } = setup(async () => {
      if (!bug) return done;
      bug = false;
      throw new TypeError('bug');
    });
    queue.resume();
    queue.add('a');
    await clock.advance(1_000);
    expect(bugs).to.have.length(1);
    expect(starts).to.have.length(2);
  });

  it('takes even a reconcile that throws at once for a bug', async () => {
    const { bugs, clock, queue } = setup(() => {
      throw new TypeError('at once');
    });
    queue.resume();
    queue.add('a');
    await clock.settle();
    expect(bugs).to.have.length(1);
    await queue.stop(0);
  });

  it('spreads addRateLimited, and forget starts over', async () => {
    const { clock, queue, starts } = setup(async () => done);
    queue.resume();
    queue.addRateLimited('a');
    await clock.advance(500);
    for (let i = 0; i < 3; i += 1) queue.addRateLimited('b');
    queue.forget('b');
    queue.addRateLimited('b');
    await clock.advance(500);
    expect(starts).to.deep.equal([
      ['a', 500],
      ['b', 1_000],
    ]);
  });

  it('limits how many runs go on at once and measures how long keys wait', async () => {
    let running = 0;
    let most = 0;
    const { clock, metrics, queue } = setup(async () => {
      most = Math.max(most, ++running);
      await clock.sleep(1_000);
      running -= 1;
      return done;
    }, 3);
    queue.resume();
    for (let i = 0; i < 9; i += 1) queue.add(`k${i}`);
    expect(queue.depth).to.equal(6);
    await clock.advance(10_000);
    expect(most).to.equal(3);
    expect(metrics.values.get('workqueue_depth')).to.equal(0);
    expect(metrics.observations.get('workqueue_latency_seconds')).to.deep.equal([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });

  it('pauses by aborting what runs, and repeats that after resume', async () => {
    const aborted: string[] = [];
    const { clock, queue, starts } = setup(async (key, signal) => {
      await clock.sleep(1_000, signal);
      if (signal.aborted) aborted.push(key);
      return done;
    });
    queue.resume();
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await clock.advance(10);
    await queue.pause();
    queue.add('d');
    await clock.advance(60_000);
    expect(aborted).to.deep.equal(['a', 'b']);
    expect(starts).to.have.length(2);
    queue.resume();
    await clock.advance(60_000);
    expect(starts.slice(2).map(([key]) => key)).to.have.members(['a', 'b', 'c', 'd']);
  });

  it('stops by letting runs finish and starting nothing more', async () => {
    const finished: string[] = [];
    const { clock, queue, starts } = setup(async (key, signal) => {
      await clock.sleep(1_000);
      if (!signal.aborted) finished.push(key);
      return requeueAfter(1);
    }, 1);
    queue.resume();
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 500);
    await clock.advance(10);
    const stopped = queue.stop(5_000);
    await clock.advance(60_000);
    expect(await stopped).to.equal(true);
    expect(finished).to.deep.equal(['a']);
    queue.add('z');
    await clock.advance(60_000);
    expect(starts).to.have.length(1);
    expect(clock.pending).to.equal(0);
  });

  it('aborts runs that are not done by the deadline, and says if one ignores that', async () => {
    const obedient = setup(async (_, signal) => {
      await obedient.clock.sleep(3_600_000, signal);
      return done;
    });
    const stubborn = setup(() => new Promise<Action>(() => undefined));
    for (const { clock, queue } of [obedient, stubborn]) {
      queue.resume();
      queue.add('a');
      await clock.settle();
    }
    const stops = [obedient, stubborn].map(({ queue }) => queue.stop(5_000, 1_000));
    await obedient.clock.advance(5_000);
    await stubborn.clock.advance(6_000);
    expect(await Promise.all(stops)).to.deep.equal([true, false]);
  });

  it('keeps its promises when jitter is real', async () => {
    const clock = new VirtualClock(0);
    const random = new SeededRandom(7);
    const starts: number[] = [];
    const reconcile = async (): Promise<Action> => {
      starts.push(clock.now());
      return retry;
    };
    const queue = new WorkQueue({
      reconcile,
      concurrency: 1,
      clock,
      random,
      metrics: new RecordingMetrics(),
    });
    queue.resume();
    queue.add('a');
    await clock.advance(3_600_000);
    const delays = starts.map((at, i) => at - (starts[i - 1] ?? 0)).slice(1);
    for (const [i, delay] of delays.entries()) {
      const ceiling = Math.min(500 * 2 ** i, 300_000);
      expect(delay).to.be.within(ceiling / 2, ceiling);
    }
  });
});
