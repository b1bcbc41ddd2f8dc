/**
 * What the operator relies on in an API server, as one suite over the port, run on the memory cluster and on a real
 * one. The expectations are recorded answers of Kubernetes 1.36.
 */
import { applyingContract } from './applying.contract.ts';
import { deletionContract } from './deletion.contract.ts';
import type { MakeCluster } from './harness.ts';
import { metadataContract } from './metadata.contract.ts';
import { readingContract } from './reading.contract.ts';
import { runtimeContract } from './runtime.contract.ts';
import { watchContract } from './watch.contract.ts';
import { writingContract } from './writing.contract.ts';

export function clusterContract(name: string, makeCluster: MakeCluster): void {
  describe(`the API server (${name})`, () => {
    writingContract(makeCluster);
    applyingContract(makeCluster);
    metadataContract(makeCluster);
    readingContract(makeCluster);
    deletionContract(makeCluster);
    watchContract(makeCluster);
    runtimeContract(makeCluster);
  });
}
