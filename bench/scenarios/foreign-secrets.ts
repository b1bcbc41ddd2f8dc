import { randomBytes } from 'node:crypto';
import { processUsage } from '../measure/process-usage.ts';
import { pass } from '../patience.ts';
import type { Progress } from '../progress.ts';
import type { Scenario } from '../scenario.ts';
import { post } from '../stage/furnish.ts';
import { namespaceName, population } from '../stage/population.ts';
import type { Stage } from '../stage/stage.ts';
import { together } from '../stage/together.ts';
import { Recorder } from './recording.ts';

const SECRETS = { small: 1_000, full: 10_000 } as const;
const BYTES = 4_096;
/** Time to list what there is and to come to rest. */
const REST_MS = 15_000;

/** Secrets that are none of the operator's business, in all namespaces that it serves. */
export const foreignSecrets: Scenario = {
  name: 'foreign-secrets',
  about: 'memory without bindings, before and after there are many foreign Secrets of 4 KB',
  limitSeconds: { small: 180, full: 600 },
  run: async (bench) => {
    const secrets = SECRETS[bench.size];
    const stage = await bench.fresh({ ...population({ bindings: 0 }), identities: 10 });
    const measure = async () => {
      const { pid } = await stage.startOperator();
      await pass(REST_MS, bench.progress);
      const usage = await processUsage(pid);
      await stage.stopOperator();
      return usage;
    };
    const before = await measure();
    bench.progress.say(`  ${secrets} Secrets are made`);
    await createSecrets(stage, secrets, bench.progress);
    const after = await measure();
    const record = new Recorder(bench, `foreign-secrets ${secrets.toLocaleString('en-US')}`);
    record.add('RSS without them', before.rssMiB, 'MiB');
    record.add('RSS with them', after.rssMiB, 'MiB', { atMost: 128 });
    record.add('growth', after.rssMiB - before.rssMiB, 'MiB');
    record.add('RSS with them, peak', after.peakMiB, 'MiB');
  },
};

async function createSecrets(stage: Stage, count: number, progress: Progress) {
  const { cluster, population: what } = stage;
  const data = { value: randomBytes(BYTES).toString('base64') };
  let made = 0;
  await together(Array.from({ length: count }), 16, async (_, index) => {
    const namespace = namespaceName(index % what.identities);
    const body = { metadata: { name: `foreign-${index}` }, data };
    await post(cluster.api, `/api/v1/namespaces/${namespace}/secrets`, body);
    made += 1;
    progress.tick(() => `${made} of ${count} made`);
  });
}
