/**
 * The floor: a bare client that makes, for each binding, the writes no operator can do without: create a Secret,
 * create a ConfigMap, patch the status. `node bench/floor/main.ts ORDER.json` prints a `FloorResult`.
 */
import { readFile } from 'node:fs/promises';
import { createApiClient } from '../../dev/cluster/api.ts';
import { together } from '../stage/together.ts';
import {
  configMapOf,
  type FloorBinding,
  type FloorOrder,
  type FloorResult,
  secretOf,
  status,
} from './work.ts';

const order = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as FloorOrder;
const { port, caPem, token, concurrency, bindings } = order;
const api = createApiClient({ port, caPem, token });

async function write(method: string, path: string, body: object): Promise<void> {
  const answer = await api.request(method, path, { body });
  if (answer.status >= 300) throw new Error(`${method} ${path} was answered with ${answer.status}`);
}

async function synchronise(binding: FloorBinding): Promise<void> {
  const { namespace, name } = binding;
  await write('POST', `/api/v1/namespaces/${namespace}/secrets`, secretOf(binding));
  await write('POST', `/api/v1/namespaces/${namespace}/configmaps`, configMapOf(binding));
  const resource = `/apis/appconfig.dev/v1alpha1/namespaces/${namespace}/appconfigbindings/${name}/status`;
  await write('PATCH', resource, { status });
}

const startedAt = Date.now();
const cpu = process.cpuUsage();
await together(bindings, concurrency, synchronise);
const { user, system } = process.cpuUsage(cpu);
const result: FloorResult = { seconds: (Date.now() - startedAt) / 1000, cpuSeconds: (user + system) / 1e6 };
api.close();
process.stdout.write(`${JSON.stringify(result)}\n`);
