/**
 * What every test against the real operator shares: one cluster with a pod runner, and one pretend Azure that
 * trusts the cluster's ServiceAccount issuer. Made when first asked for, stopped after the last test.
 *
 * Guarantees: after each test the status of every binding and every event of the cluster keeps the rules of
 * `../status/audit.ts`; `useWorld` may be called by any number of files; nothing is left behind, however the run ends.
 * Failure: a control plane or an Azure that does not start fails the `before` of the file that asked first.
 */
import { readFile } from 'node:fs/promises';
import { type Azure, startAzure } from '../../../dev/azure/azure.ts';
import { type Cluster, type ClusterOptions, startCluster } from '../../../dev/cluster/cluster.ts';
import { startPodRunner } from '../../../dev/cluster/pod-runner.ts';
import { auditCluster } from '../status/real.ts';

export interface World {
  readonly cluster: Cluster;
  readonly azure: Azure;
}

const CRD_FILE = new URL('../../../crds/appconfigbindings.appconfig.dev.yaml', import.meta.url);

/** Building the control plane takes minutes, once. */
export const STARTUP_MS = 1_200_000;

let shared: Promise<World> | undefined;

/** The world of this test process; registers what starts it before the tests of the enclosing `describe`. */
export function useWorld(): () => World {
  let world: World | undefined;
  before(async function () {
    this.timeout(STARTUP_MS);
    shared ??= startWorld({ name: 'operator-tests' });
    world = await shared;
  });
  return () => {
    if (world === undefined) throw new Error('the world does not exist before the first test');
    return world;
  };
}

/** A world of one's own, for tests that disturb the API server. Stop it with `stopWorld`. */
export async function startWorld(options: ClusterOptions): Promise<World> {
  const [cluster, azure] = await Promise.all([startCluster(options), startAzure()]);
  await startPodRunner(cluster);
  for (const control of [azure.control, azure.usGovernment.control, azure.china.control])
    await control.registerIssuer({ issuer: cluster.issuer, caPem: cluster.caPem });
  await cluster.applyYaml(await readFile(CRD_FILE, 'utf8'));
  await cluster.untilCrdsEstablished();
  return { cluster, azure };
}

export async function stopWorld({ cluster, azure }: World): Promise<void> {
  await Promise.all([cluster.stop(), azure.stop()]);
}

// At the top level of a module that test files import, these are hooks of the root suite.
afterEach(async function () {
  this.timeout(60_000);
  if (shared !== undefined) await auditCluster((await shared).cluster.api);
});

after(async function () {
  this.timeout(60_000);
  if (shared !== undefined) await stopWorld(await shared);
});
