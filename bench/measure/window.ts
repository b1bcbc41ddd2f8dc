/** What everybody used between two moments. */
import { join } from 'node:path';
import type { Cluster } from '../../dev/cluster/cluster.ts';
import type { PretendAzure } from '../stage/pretend-azure.ts';
import { AuditTail, type RequestCounts } from './audit-tail.ts';
import { processUsage } from './process-usage.ts';

export interface Usage {
  readonly seconds: number;
  /** Requests to Azure by `service METHOD status`. */
  readonly azure: RequestCounts;
  /** The operator's requests to the API server by `verb resource`. */
  readonly kubernetes: RequestCounts;
  /** Of the operator. */
  readonly cpuSeconds: number;
  readonly rssMiB: number;
  readonly peakMiB: number;
  /** Of the four components together, and of the pretend Azure. */
  readonly controlPlaneCpuSeconds: number;
  readonly azureCpuSeconds: number;
}

export interface WindowParts {
  readonly cluster: Cluster;
  readonly azure: PretendAzure;
  /** The operator's user in the audit log. */
  readonly user: string;
  /** The operator's process now; undefined while there is none. */
  readonly pid: () => number | undefined;
}

interface Cpu {
  readonly pid: number | undefined;
  readonly operator: number;
  readonly controlPlane: number;
  readonly azure: number;
}

/**
 * Starts to measure; the function it returns ends that. Windows may overlap. The operator may be started, but not
 * replaced, in between.
 */
export async function openWindow(parts: WindowParts): Promise<() => Promise<Usage>> {
  const audit = new AuditTail(join(parts.cluster.dir, 'audit.log'));
  await audit.skip();
  const [before, asked] = await Promise.all([cpuOf(parts), parts.azure.control.countRequests()]);
  const startedAt = Date.now();
  return async () => {
    const seconds = (Date.now() - startedAt) / 1000;
    const [after, azure, log] = await Promise.all([
      cpuOf(parts),
      parts.azure.control.countRequests(),
      audit.take(),
    ]);
    const memory = await processUsage(after.pid ?? 0);
    return {
      seconds,
      azure: difference(azure, asked),
      kubernetes: log.get(parts.user) ?? {},
      cpuSeconds: after.operator - (after.pid === before.pid ? before.operator : 0),
      rssMiB: memory.rssMiB,
      peakMiB: memory.peakMiB,
      controlPlaneCpuSeconds: after.controlPlane - before.controlPlane,
      azureCpuSeconds: after.azure - before.azure,
    };
  };
}

const difference = (after: RequestCounts, before: RequestCounts): RequestCounts =>
  Object.fromEntries(
    Object.entries(after)
      .map(([kind, count]) => [kind, count - (before[kind] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );

async function cpuOf({ cluster, azure, pid }: WindowParts): Promise<Cpu> {
  const now = pid();
  const [operator, pretend, ...components] = await Promise.all(
    [now ?? 0, azure.pid, ...cluster.pids()].map(processUsage),
  );
  return {
    pid: now,
    operator: operator?.cpuSeconds ?? 0,
    controlPlane: components.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0),
    azure: pretend?.cpuSeconds ?? 0,
  };
}
