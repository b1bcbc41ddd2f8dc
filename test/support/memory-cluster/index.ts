export { MemoryClient } from './client.ts';
export { RecordingLogger, RecordingMetrics, SeededRandom } from './doubles.ts';
export * as answers from './errors.ts';
export * from './faults.ts';
export {
  BINDINGS,
  CONFIG_MAPS,
  CRON_JOBS,
  DEPLOYMENTS,
  EVENTS,
  JOBS,
  LEASES,
  NAMESPACES,
  SECRETS,
  SERVICE_ACCOUNTS,
  STATEFUL_SETS,
} from './kinds.ts';
export { MemoryCluster } from './memory-cluster.ts';
