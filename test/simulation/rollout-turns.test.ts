import { expect } from 'chai';
import fc from 'fast-check';
import { type Step, steps, TurnStory, WORKLOADS } from '../support/turns/turn-story.ts';

/**
 * Restarts that wait for their turn, whatever happens meanwhile: each change of content that concerns a workload
 * restarts it, once. TURNS_RUNS and TURNS_SEED choose how many stories are told and which.
 */

const RUNS = Number(process.env['TURNS_RUNS'] ?? 25);
const SEED = Number(process.env['TURNS_SEED'] ?? fc.readConfigureGlobal().seed ?? Date.now() % 2 ** 31);
const PATH = process.env['TURNS_PATH'];

const statistics = { stories: 0, steps: 0, changes: 0, crashes: 0, restarts: 0 };

async function told(happens: readonly Step[]): Promise<TurnStory> {
  const story = new TurnStory();
  await story.begin();
  for (const step of happens) await story.run(step);
  await story.heal();
  statistics.stories += 1;
  statistics.steps += happens.length;
  statistics.changes += story.changes;
  statistics.crashes += story.crashes;
  statistics.restarts += story.audit.restarts.length;
  return story;
}

async function endsWell(happens: readonly Step[]): Promise<TurnStory> {
  const story = await told(happens);
  const { simulation, audit } = story;
  expect(audit.outdated(), 'pods with old content').to.deep.equal([]);
  for (const name of ['orders', 'second'])
    expect(simulation.condition('RolloutsComplete', name)?.reason, name).to.equal('Completed');
  const written = simulation.cluster.changes().length;
  await simulation.clock.advance(600_000);
  audit.look();
  expect(simulation.cluster.changes().slice(written), 'writes at rest').to.deep.equal([]);
  return story;
}

const countsOf = ({ audit }: TurnStory): Readonly<Record<string, number>> =>
  Object.fromEntries(
    WORKLOADS.map((name) => [name, audit.restarts.filter((restart) => restart.name === name).length]),
  );

/** Each change is seen, two of them within one interval, and rollouts take their time. */
const STORY: readonly Step[] = [
  { do: 'set', key: 'size', value: 'XL' },
  { do: 'pass', ms: 40_000 },
  { do: 'set', key: 'color', value: 'green' },
  { do: 'pass', ms: 31_000 },
  ...WORKLOADS.flatMap((): readonly Step[] => [
    ...WORKLOADS.map((name) => ({ do: 'complete' as const, name })),
    { do: 'pass', ms: 61_000 },
  ]),
];

describe('restarts that wait for their turn', function () {
  this.timeout(0);

  it('happen once for each change, whatever happens in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(steps(25), async (happens) => {
        await endsWell(happens);
      }),
      {
        numRuns: RUNS,
        seed: SEED,
        ...(PATH === undefined ? {} : { path: PATH }),
        endOnFailure: process.env['TURNS_SHRINK'] !== '1',
      },
    );
    process.stdout.write(`      seed ${SEED}: ${JSON.stringify(statistics)}\n`);
  });

  it('happen once for each change when the operator is killed at any of its writes', async () => {
    const reference = countsOf(await endsWell(STORY));
    let points = 0;
    for (let write = 0; ; write += 1) {
      const killed: TurnStory[] = [];
      for (const when of ['before', 'after'] as const) {
        const name = `${when} write ${write}`;
        const crash: Step = { do: 'crash', write, when, downMs: 1_000 };
        const story = await endsWell([crash, ...STORY]).catch((error: unknown) => {
          throw new Error(name, { cause: error });
        });
        if (story.crashes > 0) killed.push(story);
        const counts = countsOf(story);
        expect(counts, name).to.deep.equal(reference);
      }
      if (killed.length === 0) break;
      points += killed.length;
    }
    process.stdout.write(`      ${points} crash points\n`);
    expect(points).to.be.greaterThan(20);
  });
});
