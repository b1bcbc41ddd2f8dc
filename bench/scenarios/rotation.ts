import { writesOf } from '../measure/audit-tail.ts';
import { untilTargets } from '../patience.ts';
import { untilQuiet } from '../runner.ts';
import type { Scenario } from '../scenario.ts';
import { population, vaultName } from '../stage/population.ts';
import { PROBE_SECRET } from '../stage/stage.ts';
import { pageBodies, Recorder, secretReads } from './recording.ts';

const BINDINGS = { small: 100, full: 1_000 } as const;

/** A secret that every binding links to, without a version, gets a new one. */
export const rotation: Scenario = {
  name: 'rotation',
  about: 'a secret of the vault is rotated → all Secrets are right (vaults are asked every minute)',
  limitSeconds: { small: 240, full: 600 },
  run: async (bench) => {
    const what = population({ bindings: bench.bindings(BINDINGS), vaultRefresh: '1m' });
    const stage = await bench.settled(what);
    const value = `rotated at ${Date.now()}`;
    const done = await stage.measure();
    const since = Date.now();
    await stage.azure.control.setSecret({ vault: vaultName(0), name: PROBE_SECRET, value });
    bench.progress.say('  a secret was rotated');
    const encoded = Buffer.from(value).toString('base64');
    const awaited = { kind: 'secrets', value: encoded, deadlineMs: 150_000 } as const;
    const times = await untilTargets(stage, bench.progress, awaited);
    await untilQuiet(stage, bench.progress);
    const usage = await done();
    const record = new Recorder(bench, `rotation ${what.bindings.toLocaleString('en-US')}`);
    record.latencies('rotated → Secret right', times, since);
    record.add('secret values read', secretReads(usage));
    record.add('… per identity', secretReads(usage) / what.identities);
    record.add('page bodies', pageBodies(usage));
    record.add('writes per binding', writesOf(usage.kubernetes) / what.bindings);
    record.azure(usage);
    record.kubernetes(usage);
    record.process(usage);
    record.raw(usage);
  },
};
