/** Runs the floor against a stage, before the operator starts, and clears its traces away. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProcess } from '../../dev/cluster/process.ts';
import { until } from '../../dev/cluster/wait.ts';
import { post } from '../stage/furnish.ts';
import { namespaceName, type Population } from '../stage/population.ts';
import type { Stage } from '../stage/stage.ts';
import { together } from '../stage/together.ts';
import type { FloorBinding, FloorOrder, FloorResult } from './work.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const BINDINGS = 'apis/appconfig.dev/v1alpha1';
const SELECTOR = 'labelSelector=bench=floor';

/** The floor's bindings are its own: they are gone, with all it wrote, when this resolves. */
export async function runFloor(stage: Stage, concurrency: number): Promise<FloorResult> {
  const { cluster, logins, population } = stage;
  await createBindings(stage);
  const bindings = await listBindings(stage);
  const order: FloorOrder = {
    port: cluster.port,
    caPem: cluster.caPem,
    token: logins.admin.token,
    concurrency,
    bindings,
  };
  const file = join(cluster.dir, 'floor.json');
  await writeFile(file, JSON.stringify(order), { mode: 0o600 });
  const logFile = join(cluster.dir, 'floor.log');
  const child = startProcess({
    name: 'floor',
    binary: cluster.binary,
    argv: [process.execPath, MAIN, file],
    env: { PATH: process.env['PATH'] ?? '' },
    logFile,
    cwd: cluster.dir,
  });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`the floor failed:\n${await child.logTail()}`);
  const last = (await readFile(logFile, 'utf8')).trim().split('\n').at(-1) ?? '';
  await clear(stage, population);
  return JSON.parse(last) as FloorResult;
}

async function createBindings({ cluster, population }: Stage): Promise<void> {
  const names = Array.from({ length: population.bindings }, (_, index) => `floor-${index}`);
  await together(names, 16, (name, index) => {
    const namespace = namespaceName(index % population.identities);
    return post(cluster.api, `/${BINDINGS}/namespaces/${namespace}/appconfigbindings`, {
      apiVersion: 'appconfig.dev/v1alpha1',
      kind: 'AppConfigBinding',
      metadata: { name, labels: { bench: 'floor' } },
      spec: {
        store: { endpoint: 'https://bench-0.azconfig.io' },
        identity: { workloadIdentity: { serviceAccountName: 'app' } },
        target: { configMap: { name: `${name}-config` }, secret: { name: `${name}-secrets` } },
      },
    });
  });
}

interface BindingList {
  readonly items: readonly { readonly metadata: FloorBinding }[];
}

async function listBindings({ cluster }: Stage): Promise<FloorBinding[]> {
  const path = `/${BINDINGS}/appconfigbindings?${SELECTOR}`;
  const { body } = await cluster.api.request<BindingList>('GET', path);
  return body.items.map(({ metadata: { namespace, name, uid } }) => ({ namespace, name, uid }));
}

/** Deletes the bindings; the garbage collector follows with what they own, and is waited for. */
async function clear({ cluster, targets }: Stage, population: Population): Promise<void> {
  const namespaces = Array.from({ length: population.identities }, (_, index) => namespaceName(index));
  const managed = 'labelSelector=app.kubernetes.io/managed-by=floor';
  const remove = async (path: string) => {
    await cluster.api.request('DELETE', path, { timeoutMs: 60_000 });
  };
  await together(namespaces, 8, async (namespace) => {
    await remove(`/${BINDINGS}/namespaces/${namespace}/appconfigbindings?${SELECTOR}`);
    await remove(`/api/v1/namespaces/${namespace}/secrets?${managed}`);
    await remove(`/api/v1/namespaces/${namespace}/configmaps?${managed}`);
  });
  await until(async () => (await remaining(cluster.api, managed)) === 0, {
    what: "the floor's objects to be gone",
    deadlineMs: 60_000,
    everyMs: 250,
  });
  if (targets.failure !== undefined) throw targets.failure;
}

async function remaining(api: Stage['cluster']['api'], selector: string): Promise<number> {
  const path = `/api/v1/secrets?${selector}&limit=1`;
  const { body } = await api.request<{ items: readonly unknown[] }>('GET', path);
  return body.items.length;
}
