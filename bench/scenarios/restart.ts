import { readsOf, writesOf } from '../measure/audit-tail.ts';
import { pass } from '../patience.ts';
import type { Scenario } from '../scenario.ts';
import { pageBodies, Recorder, secretReads } from './recording.ts';
import { shared } from './settled.ts';

/** Longer than the interval over which a first round may be spread. */
const SECONDS = { small: 35, full: 45 } as const;

/** The operator goes and comes back while nothing changes. */
export const restart: Scenario = {
  name: 'restart',
  about: 'the operator restarts while nothing changed',
  limitSeconds: { small: 180, full: 400 },
  run: async (bench) => {
    const what = shared(bench);
    const stage = await bench.settled(what);
    await stage.stopOperator();
    const done = await stage.measure();
    const operator = await stage.startOperator();
    bench.progress.say(`  ready after ${operator.readyAfterMs} ms`);
    await pass(SECONDS[bench.size] * 1000, bench.progress);
    const usage = await done();
    const passes = await operator.metric('appconfig_operator_reconcile_total{');
    const record = new Recorder(bench, `restart ${what.bindings.toLocaleString('en-US')}`);
    record.add('process start → ready', operator.readyAfterMs / 1000, 's', { atMost: 1 });
    record.add('page bodies', pageBodies(usage), '', { atMost: 0 });
    record.add('secret values read', secretReads(usage), '', { atMost: 0 });
    record.add('Kubernetes writes', writesOf(usage.kubernetes), '', { atMost: 0 });
    record.add('Kubernetes reads per binding', readsOf(usage.kubernetes) / what.bindings);
    if (passes !== undefined) record.add('passes per binding', passes / what.bindings);
    record.azure(usage);
    record.kubernetes(usage);
    record.process(usage);
    record.raw(usage);
  },
};
