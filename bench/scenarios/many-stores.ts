import type { Scenario } from '../scenario.ts';
import { population } from '../stage/population.ts';
import { synchronise } from './first-sync.ts';
import { pageBodies, Recorder, secretReads } from './recording.ts';

const BINDINGS = { small: 100, full: 1_000 } as const;
const STORES = { small: 10, full: 50 } as const;

/** What sharing gives when there is less to share. */
export const manyStores: Scenario = {
  name: 'many-stores',
  about: 'a first sync of bindings that are spread over many stores and vaults',
  limitSeconds: { small: 120, full: 400 },
  run: async (bench) => {
    const [bindings, stores] = [bench.bindings(BINDINGS), STORES[bench.size]];
    const stage = await bench.fresh(population({ bindings, stores }));
    const sync = await synchronise(bench, stage);
    const record = new Recorder(bench, `many-stores ${stores} × ${bindings / stores}`);
    record.add('ready → all right', sync.seconds, 's');
    record.add('bindings per second', bindings / sync.seconds);
    record.latencies('ready → a binding right', sync.arrivals, sync.readyAt);
    record.add('page bodies', pageBodies(sync.usage));
    record.add('secret values read', secretReads(sync.usage));
    record.azure(sync.usage);
    record.process(sync.usage);
    record.raw(sync.usage);
  },
};
