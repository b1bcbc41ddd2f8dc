import { expect } from 'chai';
import fc from 'fast-check';
import { type Action, done } from '../../../src/runtime/action.ts';
import { ASIDE_MS } from '../../../src/runtime/places.ts';
import { WorkQueue, type WorkQueueOptions } from '../../../src/runtime/workqueue.ts';
import { RecordingMetrics, SeededRandom } from '../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** With one place, unless told otherwise. */
const queueOf = (
  clock: VirtualClock,
  reconcile: WorkQueueOptions['reconcile'],
  options: Partial<WorkQueueOptions> = {},
): WorkQueue =>
  new WorkQueue({
    reconcile,
    concurrency: 1,
    clock,
    random: new SeededRandom(1),
    metrics: new RecordingMetrics(),
    ...options,
  });

/** One place; runs of `slow` wait aside for `waitsMs`, and tell what they do. */
function setup(waitsMs: number, waits = 1) {
  const clock = new VirtualClock(0);
  const told: string[] = [];
  const tell = (text: string): void => void told.push(`${text} at ${clock.now()}`);
  const reconcile = async (key: string, signal: AbortSignal): Promise<Action> => {
    tell(`${key} begins`);
    if (key.startsWith('slow'))
      await Promise.all(
        Array.from({ length: waits }, (_, n) => queue.aside(signal, clock.sleep((n + 1) * waitsMs))),
      );
    else await clock.sleep(1_000);
    tell(signal.aborted ? `${key} gives up` : `${key} goes on`);
    return done;
  };
  const queue = queueOf(clock, reconcile);
  queue.resume();
  return { clock, queue, told };
}

describe('a run that waits aside', () => {
  it('keeps its place for a moment, and lets another start after that', async () => {
    const brief = setup(ASIDE_MS - 1);
    const long = setup(500);
    for (const { clock, queue } of [brief, long]) {
      for (const key of ['slow', 'a']) queue.add(key);
      await clock.advance(10_000);
    }
    expect(brief.told).to.deep.equal([
      'slow begins at 0',
      `slow goes on at ${ASIDE_MS - 1}`,
      `a begins at ${ASIDE_MS - 1}`,
      `a goes on at ${ASIDE_MS + 999}`,
    ]);
    // It goes on when the other has ended: there is one place.
    expect(long.told).to.deep.equal([
      'slow begins at 0',
      `a begins at ${ASIDE_MS}`,
      `a goes on at ${ASIDE_MS + 1_000}`,
      `slow goes on at ${ASIDE_MS + 1_000}`,
    ]);
    expect([brief, long].map(({ clock }) => clock.pending)).to.deep.equal([0, 0]);
  });

  it('goes on before those who have not begun', async () => {
    const { clock, queue, told } = setup(500);
    for (const key of ['slow', 'a', 'b', 'c']) queue.add(key);
    await clock.advance(10_000);
    expect(told.map((line) => line.split(' at ')[0])).to.deep.equal([
      'slow begins',
      'a begins',
      'a goes on',
      'slow goes on',
      'b begins',
      'b goes on',
      'c begins',
      'c goes on',
    ]);
  });

  it('takes a place again when all that it waits for at the same time has come', async () => {
    const { clock, queue, told } = setup(400, 3);
    for (const key of ['slow', 'a']) queue.add(key);
    await clock.advance(10_000);
    expect(told.slice(-2)).to.deep.equal([
      `a goes on at ${ASIDE_MS + 1_000}`,
      `slow goes on at ${ASIDE_MS + 1_000}`,
    ]);
    queue.add('b');
    await clock.advance(10_000);
    expect(told).to.have.length(6);
  });

  it('takes one place again, however its waits follow each other', async () => {
    const clock = new VirtualClock(0);
    const begun: string[] = [];
    const queue: WorkQueue = queueOf(clock, async (key, signal) => {
      begun.push(key);
      const shared = clock.sleep(key === 'branching' ? 300 : 1_000);
      const branch = async (): Promise<void> => {
        await queue.aside(signal, shared);
        await queue.aside(signal, Promise.resolve());
      };
      await (key === 'branching' ? Promise.all([branch(), branch(), branch()]) : shared);
      return done;
    });
    queue.resume();
    for (const key of ['branching', 'a']) queue.add(key);
    await clock.advance(5_000);
    queue.add('b');
    await clock.advance(5_000);
    expect(begun).to.deep.equal(['branching', 'a', 'b']);
    expect(queue.active).to.equal(0);
  });

  it('loses no place, whatever its branches wait for', async () => {
    const wait = fc.constantFrom(0, 100, 300, 700);
    const waits = fc.array(fc.array(wait, { maxLength: 4 }), { maxLength: 4 });
    const runs = fc.array(waits, { minLength: 1, maxLength: 6 });
    const property = fc.asyncProperty(runs, fc.integer({ min: 1, max: 3 }), async (plans, concurrency) => {
      const clock = new VirtualClock(0);
      const begun: string[] = [];
      const queue: WorkQueue = queueOf(
        clock,
        async (key, signal) => {
          begun.push(key);
          // One answer goes to several branches at once, and some are there already.
          const answers = new Map([[clock.now(), Promise.resolve()]]);
          const branch = async (delays: readonly number[]): Promise<void> => {
            for (const delay of delays) {
              const at = clock.now() + delay;
              const answer = delay === 0 ? Promise.resolve() : (answers.get(at) ?? clock.sleep(delay));
              answers.set(at, answer);
              await queue.aside(signal, answer);
            }
          };
          await Promise.all((plans[Number(key)] ?? [[], []]).map(branch));
          if (key.startsWith('late')) await clock.sleep(1_000);
          return done;
        },
        { concurrency },
      );
      queue.resume();
      for (const key of plans.keys()) queue.add(String(key));
      await clock.advance(60_000);
      expect(queue.active).to.equal(0);
      const late = Array.from({ length: concurrency + 1 }, (_, index) => `late-${index}`);
      for (const key of late) queue.add(key);
      await clock.advance(10);
      expect(begun.slice(plans.length)).to.deep.equal(late.slice(0, concurrency));
    });
    await fc.assert(property, { numRuns: 200 });
  });

  it('gives its place away again when it waits for more by the time that it gets one', async () => {
    const clock = new VirtualClock(0);
    const told: string[] = [];
    const queue: WorkQueue = queueOf(clock, async (key, signal) => {
      told.push(`${key} begins at ${clock.now()}`);
      if (key !== 'branching') {
        await clock.sleep(1_000);
        return done;
      }
      const first = queue.aside(signal, clock.sleep(300));
      // While the first is on its way back: `a` has the place until 1,250.
      const second = clock.sleep(600).then(() => queue.aside(signal, clock.sleep(60_000)));
      await Promise.all([first, second]);
      return done;
    });
    queue.resume();
    for (const key of ['branching', 'a', 'b']) queue.add(key);
    await clock.advance(10_000);
    expect(told.slice(1)).to.deep.equal([`a begins at ${ASIDE_MS}`, `b begins at ${2 * ASIDE_MS + 1_000}`]);
  });

  it('keeps no place from others, however many of its kind there are', async () => {
    const { clock, queue, told } = setup(60_000);
    for (let n = 0; n < 50; n += 1) queue.add(`slow-${n}`);
    queue.add('a');
    await clock.advance(50 * ASIDE_MS);
    expect(told.at(-1)).to.equal(`a begins at ${50 * ASIDE_MS}`);
    expect(queue.active).to.equal(51);
  });

  it('is aborted by a pause though it waits for a place, and repeated', async () => {
    const { clock, queue, told } = setup(500);
    for (const key of ['slow', 'a']) queue.add(key);
    await clock.advance(600);
    let paused = false;
    void queue.pause().then(() => {
      paused = true;
    });
    await clock.advance(1_000);
    expect(paused).to.equal(true);
    expect(told.slice(2)).to.deep.equal(['slow gives up at 600', `a gives up at ${ASIDE_MS + 1_000}`]);
    queue.resume();
    await clock.advance(10_000);
    expect(told.filter((line) => line.includes('goes on'))).to.have.length(2);
  });

  it('may finish when the queue stops, and needs no place for that', async () => {
    const { clock, queue, told } = setup(2_000);
    for (const key of ['slow', 'a', 'b']) queue.add(key);
    await clock.advance(600);
    const stopped = queue.stop(5_000);
    await clock.advance(60_000);
    expect(await stopped).to.equal(true);
    expect(told.slice(2)).to.deep.equal([`a goes on at ${ASIDE_MS + 1_000}`, 'slow goes on at 2000']);
  });

  it('that waits for a place when the queue stops gets on at once', async () => {
    const { clock, queue, told } = setup(500);
    for (const key of ['slow', 'a']) queue.add(key);
    await clock.advance(600);
    void queue.stop(5_000);
    await clock.advance(10);
    expect(told.at(-1)).to.equal('slow goes on at 600');
  });

  it('gets an exception of what it waits for', async () => {
    const clock = new VirtualClock(0);
    const bugs: unknown[] = [];
    const bug = new Error('bug');
    const queue: WorkQueue = queueOf(
      clock,
      async (_, signal) => {
        await queue.aside(signal, Promise.reject(bug));
        return done;
      },
      { onBug: (_, error) => bugs.push(error) },
    );
    queue.resume();
    queue.add('a');
    await clock.settle();
    expect(bugs).to.deep.equal([bug]);
    expect(await queue.aside(new AbortController().signal, Promise.resolve(7))).to.equal(7);
    await queue.stop(0);
  });
});
