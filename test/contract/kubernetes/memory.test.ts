import { MemoryCluster } from '../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { clusterContract } from './cluster.contract.ts';

clusterContract('memory', () => {
  const clock = new VirtualClock();
  const cluster = new MemoryCluster(clock);
  let namespaces = 0;
  return Promise.resolve({
    api: cluster.client(),
    async namespace() {
      const name = `contract-${namespaces++}`;
      cluster.addNamespace(name);
      return name;
    },
    clock,
    until: (condition) => clock.runUntil(condition, 300_000),
    async expiredVersion() {
      cluster.compact();
      return '1';
    },
    async interrupt(meanwhile) {
      cluster.silenceWatches(true);
      await meanwhile();
      cluster.compact();
      cluster.silenceWatches(false);
    },
    close: () => Promise.resolve(),
  });
});
