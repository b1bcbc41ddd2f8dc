import { fileURLToPath } from 'node:url';
import { startAzure } from '../../../dev/azure/azure.ts';
import { startCluster } from '../../../dev/cluster/cluster.ts';
import { startPodRunner } from '../../../dev/cluster/pod-runner.ts';
import type { World } from '../../support/real/world.ts';

/** A cluster without the CRD, whose pods of the chart's image run the operator as it is in the sources. */

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
export const IMAGE = { repository: 'registry.example/appconfig-operator', tag: 'test' } as const;

/** Starts everything; what had been started is stopped when a part fails. */
export async function setStage(): Promise<World> {
  const [cluster, azure] = await Promise.all([startCluster({ name: 'chart' }), startAzure()]);
  try {
    const programs = { [`${IMAGE.repository}:${IMAGE.tag}`]: [process.execPath, MAIN] };
    await startPodRunner(cluster, { programs });
    await azure.control.registerIssuer({ issuer: cluster.issuer, caPem: cluster.caPem });
    return { cluster, azure };
  } catch (error) {
    await strike({ cluster, azure });
    throw error;
  }
}

export async function strike({ cluster, azure }: World): Promise<void> {
  await Promise.all([cluster.stop(), azure.stop()]);
}
