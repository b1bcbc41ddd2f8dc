import { type Cluster, startCluster } from '../../../dev/cluster/cluster.ts';
import { createKubernetesApi } from '../../../src/adapters/kubernetes/api.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { NAMESPACES, RecordingLogger, RecordingMetrics } from '../../support/memory-cluster/index.ts';
import { clusterContract } from './cluster.contract.ts';
import type { ClusterUnderTest } from './harness.ts';

/** Building the control plane takes minutes, once. */
const STARTUP_MS = 900_000;
const PATIENCE_MS = 60_000;

describe('with a real control plane', () => {
  let cluster: Cluster;
  before(async function () {
    this.timeout(STARTUP_MS);
    cluster = await startCluster({ name: 'contract' });
  });
  after(() => cluster.stop());

  clusterContract('Kubernetes', () => Promise.resolve(under(cluster)));
});

let namespaces = 0;

function under({ adminToken, caPem, restartApiServer, url }: Cluster): ClusterUnderTest {
  const endpoint = { server: url, tls: { ca: caPem }, headers: { authorization: `Bearer ${adminToken}` } };
  const observed = { clock: systemClock, metrics: new RecordingMetrics(), logger: new RecordingLogger() };
  const api = createKubernetesApi({ endpoint: () => Promise.resolve(endpoint) }, observed);
  return {
    api,
    clock: systemClock,
    async namespace() {
      const name = `contract-${namespaces++}`;
      const created = await api.create(NAMESPACES, {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name },
      });
      if (!created.ok) throw new Error(`The namespace was refused: ${JSON.stringify(created.error)}`);
      return name;
    },
    async until(condition) {
      const limit = Date.now() + PATIENCE_MS;
      while (!condition()) {
        if (Date.now() > limit) throw new Error('The condition does not hold in time.');
        await systemClock.sleep(5);
      }
    },
    async expiredVersion() {
      // A new process has seen nothing from before its start.
      await restartApiServer();
      return '2';
    },
    async interrupt(meanwhile) {
      await restartApiServer();
      await meanwhile();
    },
    close: () => Promise.resolve(api.close()),
  };
}
