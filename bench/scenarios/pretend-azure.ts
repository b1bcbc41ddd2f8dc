import { readFile } from 'node:fs/promises';
import { processUsage } from '../measure/process-usage.ts';
import type { Scenario } from '../scenario.ts';
import { population, storeName } from '../stage/population.ts';
import { StoreReader } from '../stage/store-reader.ts';
import { together } from '../stage/together.ts';
import { Recorder } from './recording.ts';

const REQUESTS = { small: 10_000, full: 40_000 } as const;
const WIDTH = 16;

/** The pretend Azure must not be what the other scenarios wait for. */
export const pretendAzure: Scenario = {
  name: 'pretend-azure',
  about: 'conditional lists of a store that has not changed, as fast as the pretend Azure answers',
  limitSeconds: { small: 120, full: 240 },
  run: async (bench) => {
    const requests = REQUESTS[bench.size];
    const { azure } = await bench.fresh({ ...population({ bindings: 0 }), identities: 1 });
    const store = storeName(0);
    const { clientId, tenantId } = await azure.control.createApp({ name: 'bench-reader' });
    await azure.control.assignRole({ role: 'AppConfigurationDataReader', principal: clientId, store });
    const secret = await azure.control.addClientSecret({ clientId });
    const ca = await readFile(azure.env['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8');
    const reader = new StoreReader(azure, ca, `${store}.azconfig.io`);
    await reader.login(tenantId, clientId, secret.value);
    const { etag } = await reader.list();
    let done = 0;
    const ask = async () => {
      const { status } = await reader.list(etag);
      if (status !== 304) throw new Error(`a list that has not changed was answered with ${status}`);
      done += 1;
      bench.progress.tick(() => `${done} of ${requests} lists`);
    };
    // What is compiled once, and connections, are no part of it.
    await together(Array.from({ length: 1_000 }), WIDTH, ask);
    done = 0;
    const [before, startedAt] = [await processUsage(azure.pid), Date.now()];
    await together(Array.from({ length: requests }), WIDTH, ask);
    const seconds = (Date.now() - startedAt) / 1000;
    const cpuSeconds = (await processUsage(azure.pid)).cpuSeconds - before.cpuSeconds;
    reader.close();
    const record = new Recorder(bench, `pretend-azure ${requests.toLocaleString('en-US')}`);
    record.add('conditional lists per second of a core', requests / cpuSeconds, '', { atLeast: 1_500 });
    record.add('… per second, asked by one client', requests / seconds);
  },
};
