import { runFloor } from '../floor/run.ts';
import { writesOf } from '../measure/audit-tail.ts';
import type { Usage } from '../measure/window.ts';
import { untilTargets } from '../patience.ts';
import { untilQuiet } from '../runner.ts';
import type { Bench, Scenario } from '../scenario.ts';
import { FIRST_VALUE, population } from '../stage/population.ts';
import type { Stage } from '../stage/stage.ts';
import { pageBodies, Recorder, secretReads } from './recording.ts';

const COUNTS = { small: [1, 100], full: [1, 100, 1_000, 3_000] } as const;
/** Fewer than that, and the start of the operator is most of what is measured. */
const COMPARABLE = 100;

/** Bindings that exist when the operator starts, and the bare client that makes the same writes. */
export const firstSync: Scenario = {
  name: 'first-sync',
  about: 'the operator starts with N new bindings; beside it the floor, a bare client with the same writes',
  limitSeconds: { small: 180, full: 900 },
  run: async (bench) => {
    const { bindings: given } = bench.options;
    for (const bindings of given === undefined ? COUNTS[bench.size] : [given])
      await firstSyncOf(bench, bindings);
  },
};

async function firstSyncOf(bench: Bench, bindings: number): Promise<void> {
  const stage = await bench.fresh(population({ bindings }));
  bench.progress.say(`  floor: ${bindings} bindings by a bare client`);
  const floor = await runFloor(stage, bench.options.concurrency);
  bench.progress.say('  the operator starts');
  const sync = await synchronise(bench, stage);
  const record = new Recorder(bench, `first-sync ${bindings.toLocaleString('en-US')}`);
  const perSecond = bindings / sync.seconds;
  const floorPerSecond = bindings / floor.seconds;
  record.add('process start → ready', sync.readyMs / 1000, 's', { atMost: 1 });
  record.add('ready → all right', sync.seconds, 's');
  if (bindings >= COMPARABLE) {
    record.add('bindings per second', perSecond);
    record.add('the floor: bindings per second', floorPerSecond);
    const target = bindings === 1_000 ? { atLeast: 0.5 } : undefined;
    record.add('ratio to the floor', perSecond / floorPerSecond, '', target);
    record.latencies('ready → a binding right', sync.arrivals, sync.readyAt);
  }
  record.add('CPU per binding', (sync.usage.cpuSeconds / bindings) * 1000, 'ms');
  record.add('the floor: CPU per binding', (floor.cpuSeconds / bindings) * 1000, 'ms');
  record.add('writes per binding', writesOf(sync.usage.kubernetes) / bindings);
  record.add('page bodies', pageBodies(sync.usage));
  record.add('secret values read', secretReads(sync.usage));
  record.azure(sync.usage);
  record.kubernetes(sync.usage);
  record.process(sync.usage, bindings === 1_000 ? { atMost: 128 } : undefined);
  record.raw(sync.usage);
}

export interface Sync {
  readonly readyAt: number;
  readonly readyMs: number;
  /** From ready until the last target was right. */
  readonly seconds: number;
  /** When each binding had both its targets; milliseconds since the epoch. */
  readonly arrivals: readonly number[];
  /** Until nothing was written any more. */
  readonly usage: Usage;
}

/** Starts the operator and follows it until every ConfigMap and every Secret is right, and it rests. */
export async function synchronise(bench: Bench, stage: Stage): Promise<Sync> {
  const done = await stage.measure();
  const { startedAt, readyAfterMs } = await stage.startOperator();
  const readyAt = startedAt + readyAfterMs;
  const deadlineMs = 300_000;
  const secrets = await untilTargets(stage, bench.progress, {
    kind: 'secrets',
    value: FIRST_SECRET,
    deadlineMs,
  });
  const configMaps = await untilTargets(stage, bench.progress, {
    kind: 'configmaps',
    value: FIRST_VALUE,
    deadlineMs,
  });
  const last = Math.max(...secrets, ...configMaps);
  await untilQuiet(stage, bench.progress);
  const usage = await done();
  return { readyAt, readyMs: readyAfterMs, seconds: (last - readyAt) / 1000, arrivals: configMaps, usage };
}

/** As the API server tells it. */
const FIRST_SECRET = Buffer.from('first value of secret 01').toString('base64');
