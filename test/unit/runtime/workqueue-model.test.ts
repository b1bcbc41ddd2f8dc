import { expect } from 'chai';
import fc from 'fast-check';
import { type Action, done, requeueAfter, retry } from '../../../src/runtime/action.ts';
import { WorkQueue } from '../../../src/runtime/workqueue.ts';
import { RecordingMetrics, SeededRandom } from '../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

type Command =
  | { readonly kind: 'add'; readonly key: string }
  | { readonly kind: 'addAfter'; readonly key: string; readonly ms: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' };

/** What a run does: how long it works, how long it then waits aside, and what it answers. */
type Run = {
  readonly ms: number;
  readonly aside: number;
  readonly answer: 'done' | 'requeue' | 'retry' | 'throw';
};

const key = fc.constantFrom('a', 'b', 'c');
const ms = fc.integer({ min: 0, max: 400 });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('addAfter' as const), key, ms }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const) }) },
);
const run: fc.Arbitrary<Run> = fc.record({
  ms,
  aside: fc.constantFrom(0, 0, 100, 400, 2_000),
  answer: fc.constantFrom('done', 'done', 'requeue', 'retry', 'throw'),
});

interface Start {
  readonly key: string;
  readonly at: number;
}

/** Of delays that wait for one key at the same time the earliest stands for all: they share a slot. */
interface Slot {
  due: number;
}

/** A run that some call asked for: after the first `after` starts, when its slot is due or later. */
interface Wanted {
  readonly key: string;
  readonly after: number;
  readonly slot: Slot;
}

describe('the work queue, under any sequence of calls', () => {
  /** Plays the commands and then lets everything come to rest. */
  async function play(commands: readonly Command[], runs: readonly Run[], concurrency: number) {
    const clock = new VirtualClock(0);
    const starts: Start[] = [];
    const active = new Set<string>();
    const wanted: Wanted[] = [];
    const delayed = new Map<string, Slot>();
    let turn = 0;
    let working = 0;
    const work = async (forMs: number, signal: AbortSignal): Promise<void> => {
      working += 1;
      // One that is to end goes on wherever it is.
      if (!signal.aborted) expect(working).to.be.at.most(concurrency);
      await clock.sleep(forMs, signal);
      working -= 1;
    };
    const reconcile = async (started: string, signal: AbortSignal): Promise<Action> => {
      expect(active.has(started), 'two runs of one key').to.equal(false);
      active.add(started);
      starts.push({ key: started, at: clock.now() });
      const { answer, aside, ms: takes } = runs[turn++] ?? { answer: 'done', aside: 0, ms: 1 };
      await work(takes, signal);
      if (aside > 0) {
        await queue.aside(signal, clock.sleep(aside, signal));
        await work(takes, signal);
      }
      active.delete(started);
      // What was cut short must be done again, whatever it answers.
      if (signal.aborted) wanted.push({ key: started, after: starts.length, slot: { due: clock.now() } });
      if (answer === 'throw') throw new Error('bug');
      return answer === 'retry' ? retry : answer === 'requeue' ? requeueAfter(50) : done;
    };
    const metrics = new RecordingMetrics();
    const queue: WorkQueue = new WorkQueue({
      reconcile,
      concurrency,
      clock,
      random: new SeededRandom(1),
      metrics,
    });
    queue.resume();
    for (const one of commands) await perform(one);
    queue.resume();
    await clock.advance(3_600_000);

    async function perform(one: Command): Promise<void> {
      if (one.kind === 'pass') return clock.advance(one.ms);
      if (one.kind === 'resume') return queue.resume();
      if (one.kind === 'pause') return queue.pause();
      wanted.push({ key: one.key, after: starts.length, slot: slotOf(one) });
      if (one.kind === 'add') queue.add(one.key);
      else queue.addAfter(one.key, one.ms);
    }

    function slotOf(one: Extract<Command, { key: string }>): Slot {
      if (one.kind === 'add') return { due: clock.now() };
      const asked = clock.now() + one.ms;
      const waiting = delayed.get(one.key);
      const slot = waiting !== undefined && waiting.due >= clock.now() ? waiting : { due: asked };
      slot.due = Math.min(slot.due, asked);
      delayed.set(one.key, slot);
      return slot;
    }
    return { active, metrics, queue, starts, wanted };
  }

  const game = [
    fc.array(command, { maxLength: 40 }),
    fc.array(run, { maxLength: 40 }),
    fc.constantFrom(1, 2),
  ] as const;

  it('never runs a key twice at once, and comes to rest with nothing waiting', async () => {
    await fc.assert(
      fc.asyncProperty(...game, async (commands, runs, concurrency) => {
        const { active, metrics, queue } = await play(commands, runs, concurrency);
        expect(active.size).to.equal(0);
        expect([queue.depth, queue.active, metrics.values.get('workqueue_depth') ?? 0]).to.deep.equal([
          0, 0, 0,
        ]);
      }),
      { numRuns: 200 },
    );
  });

  it('loses nothing: each add is followed by a run, at its time or later', async () => {
    await fc.assert(
      fc.asyncProperty(...game, async (commands, runs, concurrency) => {
        const { starts, wanted } = await play(commands, runs, concurrency);
        for (const { after, key: asked, slot } of wanted) {
          const later = starts.slice(after);
          expect(later.some((start) => start.key === asked && start.at >= slot.due)).to.equal(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('runs at the earlier of two delays, whatever their order', async () => {
    await fc.assert(
      fc.asyncProperty(ms, ms, async (one, other) => {
        const commands: Command[] = [one, other].map((delay) => ({ kind: 'addAfter', key: 'a', ms: delay }));
        const { starts } = await play(commands, [], 1);
        expect(starts).to.deep.equal([{ key: 'a', at: Math.min(one, other) }]);
      }),
    );
  });
});
