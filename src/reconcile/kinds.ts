import { GROUP, KIND, PLURAL, VERSION } from '../api/names.ts';
import type { JobKind } from '../domain/rollouts/job.ts';
import type { WorkloadKind } from '../domain/rollouts/workload.ts';
import type { ResourceType } from '../ports/kubernetes.ts';

const core = (kind: string, plural: string): ResourceType => ({
  group: '',
  version: 'v1',
  kind,
  plural,
  namespaced: true,
});
const apps = <K extends WorkloadKind>(kind: K, plural: string): ResourceType & { readonly kind: K } => ({
  group: 'apps',
  version: 'v1',
  kind,
  plural,
  namespaced: true,
});
const batch = <K extends JobKind>(kind: K, plural: string): ResourceType & { readonly kind: K } => ({
  group: 'batch',
  version: 'v1',
  kind,
  plural,
  namespaced: true,
});

/** Every kind the operator touches. */
export const BINDING: ResourceType = {
  group: GROUP,
  version: VERSION,
  kind: KIND,
  plural: PLURAL,
  namespaced: true,
};
export const CONFIG_MAP = core('ConfigMap', 'configmaps');
export const SECRET = core('Secret', 'secrets');
export const SERVICE_ACCOUNT = core('ServiceAccount', 'serviceaccounts');
export const NAMESPACE: ResourceType = { ...core('Namespace', 'namespaces'), namespaced: false };
export const WORKLOADS = [
  apps('Deployment', 'deployments'),
  apps('StatefulSet', 'statefulsets'),
  apps('DaemonSet', 'daemonsets'),
] as const;
/** Told of, never restarted. */
export const JOBS = [batch('CronJob', 'cronjobs'), batch('Job', 'jobs')] as const;
