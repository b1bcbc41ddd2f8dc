import { pass, untilTargets } from '../patience.ts';
import type { Bench, Scenario } from '../scenario.ts';
import { type Population, PROBE, population, storeName, subscribers } from '../stage/population.ts';
import type { Stage } from '../stage/stage.ts';
import { Recorder } from './recording.ts';

const BINDINGS = { small: 60, full: 1_000 } as const;
const SECONDS = { small: 20, full: 60 } as const;
const LATEST_MS = 150_000;

/** One of two stores answers 429 for a while; a key changes in both at the beginning. */
export const throttled: Scenario = {
  name: 'throttled',
  about: 'one of two stores throttles: no storm on it, no effect on the other',
  limitSeconds: { small: 180, full: 600 },
  run: async (bench) => {
    // Often enough that throttling is met by many bindings, not by the first poll alone.
    const what = population({ bindings: bench.bindings(BINDINGS), stores: 2, refresh: '10s' });
    const stage = await bench.settled(what);
    const record = new Recorder(bench, `throttled ${what.bindings.toLocaleString('en-US')}`);
    await throttle(bench, stage, what, record);
  },
};

async function throttle(bench: Bench, stage: Stage, what: Population, record: Recorder): Promise<void> {
  const { control } = stage.azure;
  const value = `changed at ${Date.now()}`;
  const [suffering = '', other = ''] = [0, 1].map(storeName);
  const host = `${suffering}.azconfig.io`;
  const fault = await control.addFault({ host, status: 429, headers: { 'retry-after-ms': '3000' } });
  const since = Date.now();
  await control.setSetting({ store: other, key: PROBE, value });
  await control.setSetting({ store: suffering, key: PROBE, value });
  const half = { kind: 'configmaps', value, deadlineMs: LATEST_MS } as const;
  const count = { [suffering]: Math.ceil(what.bindings / 2), [other]: Math.floor(what.bindings / 2) };
  const done = await stage.measure();
  const others = await untilTargets(stage, bench.progress, {
    ...half,
    count: count[other] ?? 0,
    accepts: targetsOf(what, other),
  });
  await pass(since + SECONDS[bench.size] * 1000 - Date.now(), bench.progress);
  const usage = await done();
  await control.removeFault(fault);
  const clearedAt = Date.now();
  const recovered = await untilTargets(stage, bench.progress, {
    ...half,
    count: count[suffering] ?? 0,
    accepts: targetsOf(what, suffering),
  });
  const refused = usage.azure['appconfig HEAD 429'] ?? 0;
  record.add('requests to the throttled store', refused / usage.seconds, 'per s');
  record.latencies('the other store: change → right', others, since);
  record.latencies('end of throttling → right', recovered, clearedAt);
  record.azure(usage);
  record.kubernetes(usage);
  record.process(usage);
  record.raw(usage);
}

/** Judges `namespace/name` of a ConfigMap: whether its binding reads this store. */
function targetsOf(what: Population, store: string): (key: string) => boolean {
  const mine = subscribers(what).filter((one) => one.store === store);
  const keys = new Set(mine.map(({ namespace, configMap }) => `${namespace}/${configMap}`));
  return (key) => keys.has(key);
}
