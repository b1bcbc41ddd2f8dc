import { GROUP, KIND, PLURAL, VERSION } from '../../../src/api/names.ts';
import { UNSEEN } from '../../../src/api/status.ts';
import type { ResourceType } from '../../../src/ports/kubernetes.ts';

/** How the cluster treats a kind. */
export interface KindRules {
  readonly type: ResourceType;
  /** Has `metadata.generation`, bumped when anything but metadata and status changes. */
  readonly generation: boolean;
  /** Status is written through the subresource only. */
  readonly status: boolean;
  /** Items of a list carry no apiVersion and kind, as those of built-in kinds do. */
  readonly builtIn: boolean;
  /** What a new object's status is, where the schema gives it one. */
  readonly initialStatus?: object;
}

const type = (
  group: string,
  version: string,
  kind: string,
  plural: string,
  namespaced = true,
): ResourceType => ({
  group,
  version,
  kind,
  plural,
  namespaced,
});

const plain = (of: ResourceType): KindRules => ({
  type: of,
  generation: false,
  status: false,
  builtIn: true,
});
const workload = (of: ResourceType): KindRules => ({
  type: of,
  generation: true,
  status: true,
  builtIn: true,
});

export const CONFIG_MAPS = type('', 'v1', 'ConfigMap', 'configmaps');
export const SECRETS = type('', 'v1', 'Secret', 'secrets');
export const SERVICE_ACCOUNTS = type('', 'v1', 'ServiceAccount', 'serviceaccounts');
export const NAMESPACES = type('', 'v1', 'Namespace', 'namespaces', false);
export const DEPLOYMENTS = type('apps', 'v1', 'Deployment', 'deployments');
export const STATEFUL_SETS = type('apps', 'v1', 'StatefulSet', 'statefulsets');
export const DAEMON_SETS = type('apps', 'v1', 'DaemonSet', 'daemonsets');
export const CRON_JOBS = type('batch', 'v1', 'CronJob', 'cronjobs');
export const JOBS = type('batch', 'v1', 'Job', 'jobs');
export const LEASES = type('coordination.k8s.io', 'v1', 'Lease', 'leases');
export const EVENTS = type('events.k8s.io', 'v1', 'Event', 'events');
export const BINDINGS = type(GROUP, VERSION, KIND, PLURAL);

/** The kinds the operator touches; any other is refused loudly. */
export const KINDS: readonly KindRules[] = [
  ...[CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS, LEASES, EVENTS].map(plain),
  { ...plain(NAMESPACES), status: true },
  ...[DEPLOYMENTS, STATEFUL_SETS, DAEMON_SETS, CRON_JOBS, JOBS].map(workload),
  { type: BINDINGS, generation: true, status: true, builtIn: false, initialStatus: UNSEEN },
];

export const apiVersionOf = ({ group, version }: ResourceType): string =>
  group === '' ? version : `${group}/${version}`;

export function rulesFor({ group, plural }: ResourceType): KindRules {
  const rules = KINDS.find((kind) => kind.type.group === group && kind.type.plural === plural);
  if (rules === undefined) throw new Error(`The memory cluster does not know ${plural}.${group}.`);
  return rules;
}
