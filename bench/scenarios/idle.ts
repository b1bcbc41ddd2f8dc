import { readsOf, sum, writesOf } from '../measure/audit-tail.ts';
import { pass } from '../patience.ts';
import type { Scenario } from '../scenario.ts';
import type { Population } from '../stage/population.ts';
import { Recorder } from './recording.ts';
import { shared } from './settled.ts';

const SECONDS = { small: 40, full: 300 } as const;
const INTERVAL_SECONDS = 30;
/** Proofs of identity are renewed that often. */
const RENEWAL_SECONDS = 600;

/** An operator with nothing to do. */
export const idle: Scenario = {
  name: 'idle',
  about: 'nothing changes: requests to Azure and to the API server',
  limitSeconds: { small: 180, full: 400 },
  run: async (bench) => {
    const seconds = bench.options.idleSeconds ?? SECONDS[bench.size];
    const what = shared(bench);
    const stage = await bench.settled(what);
    bench.progress.say(`  idle for ${seconds} s`);
    const done = await stage.measure();
    await pass(seconds * 1000, bench.progress);
    const usage = await done();
    const record = new Recorder(bench, `idle ${what.bindings.toLocaleString('en-US')}`);
    const asked = sum(usage.azure, (kind) => kind.startsWith('appconfig '));
    record.add('App Configuration requests', asked, `in ${Math.round(usage.seconds)} s`, {
      atMost: budget(usage.seconds, what),
    });
    record.add('… per interval of 30 s', (asked * INTERVAL_SECONDS) / usage.seconds);
    record.add('Kubernetes writes', writesOf(usage.kubernetes), '', { atMost: 0 });
    record.add('Kubernetes reads', readsOf(usage.kubernetes) / usage.seconds, 'per s', { atMost: 7 });
    record.azure(usage);
    record.kubernetes(usage);
    record.process(usage, { atMost: 128 });
    record.raw(usage);
  },
};

/** One page: a request per interval, and one per identity and renewal; one more for where the window begins. */
function budget(seconds: number, { identities }: Population): number {
  // The jitter of 10 % is downwards.
  const polls = seconds / (INTERVAL_SECONDS * 0.9) + 1;
  return Math.ceil(polls + (identities * Math.max(seconds, INTERVAL_SECONDS)) / RENEWAL_SECONDS);
}
