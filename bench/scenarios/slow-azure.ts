import type { Scenario } from '../scenario.ts';
import { population } from '../stage/population.ts';
import { synchronise } from './first-sync.ts';
import { Recorder } from './recording.ts';

const BINDINGS = { small: 50, full: 500 } as const;
const DELAY_MS = 20;

/** How much of Azure's latency bindings wait for one after the other. */
export const slowAzure: Scenario = {
  name: 'slow-azure',
  about: `a first sync with ${DELAY_MS} ms added to every answer of Azure`,
  limitSeconds: { small: 120, full: 300 },
  run: async (bench) => {
    const bindings = bench.bindings(BINDINGS);
    const stage = await bench.fresh(population({ bindings }));
    await stage.azure.control.addFault({ delayMs: DELAY_MS });
    const sync = await synchronise(bench, stage);
    const record = new Recorder(bench, `slow-azure ${bindings}`);
    record.add(
      'ready → all right',
      sync.seconds,
      's',
      bindings === BINDINGS.full ? { atMost: 6 } : undefined,
    );
    record.latencies('ready → a binding right', sync.arrivals, sync.readyAt);
    record.azure(sync.usage);
    record.process(sync.usage);
    record.raw(sync.usage);
  },
};
