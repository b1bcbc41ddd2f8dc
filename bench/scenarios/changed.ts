import { writesOf } from '../measure/audit-tail.ts';
import { untilTargets } from '../patience.ts';
import { untilQuiet } from '../runner.ts';
import type { Scenario } from '../scenario.ts';
import { PROBE, storeName } from '../stage/population.ts';
import { pageBodies, Recorder, secretReads } from './recording.ts';
import { shared } from './settled.ts';

/** One setting changes, and with it every ConfigMap. */
export const changed: Scenario = {
  name: 'changed',
  about: 'one key changes → all ConfigMaps are right',
  limitSeconds: { small: 180, full: 400 },
  run: async (bench) => {
    const what = shared(bench);
    const stage = await bench.settled(what);
    const { control } = stage.azure;
    const value = `changed at ${Date.now()}`;
    const done = await stage.measure();
    const since = (await control.requests()).at(-1)?.sequence ?? 0;
    const changedAt = Date.now();
    await control.setSetting({ store: storeName(0), key: PROBE, value });
    bench.progress.say('  a key changed');
    const times = await untilTargets(stage, bench.progress, {
      kind: 'configmaps',
      value,
      deadlineMs: 150_000,
    });
    await untilQuiet(stage, bench.progress);
    const usage = await done();
    const reads = await control.requests({ service: 'appconfig', method: 'GET', status: 200, since });
    // The content is read because a HEAD has shown the change.
    const detectedAt = Date.parse(reads[0]?.time ?? '');
    const record = new Recorder(bench, `changed ${what.bindings.toLocaleString('en-US')}`);
    record.add('change → detected', (detectedAt - changedAt) / 1000, 's');
    record.latencies('detected → ConfigMap right', times, detectedAt, { atMost: 10 });
    record.add('page bodies', pageBodies(usage));
    record.add('secret values read', secretReads(usage));
    record.add('writes per binding', writesOf(usage.kubernetes) / what.bindings);
    record.add('CPU per binding', (usage.cpuSeconds / what.bindings) * 1000, 'ms');
    record.azure(usage);
    record.kubernetes(usage);
    record.process(usage);
    record.raw(usage);
  },
};
