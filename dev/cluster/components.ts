/** Command lines of the four programs. Why each flag is there: README.md beside this file. */
import { join } from 'node:path';

/** What the command lines depend on. */
export interface Layout {
  readonly folder: string;
  readonly port: number;
  readonly issuer: string;
}

/** What tells one API server of a cluster from another; all share certificates, keys, logins and data. */
export interface ServerLayout {
  /** Of the process and its log. */
  readonly name: string;
  readonly port: number;
  /** File names in the cluster's folder. */
  readonly etcdSocket: string;
  readonly auditLog: string;
}

/** Names of the files in a cluster's folder. */
export const files = {
  etcdSocket: 'etcd.sock',
  secondEtcdSocket: 'etcd2.sock',
  certificate: 'certs/apiserver.crt',
  tokens: 'tokens.csv',
  auditLog: 'audit.log',
  secondAuditLog: 'audit-2.log',
  auditPolicy: 'audit-policy.json',
  kubeconfig: 'kubeconfig',
  controllerManagerKubeconfig: 'controller-manager.kubeconfig',
  schedulerKubeconfig: 'scheduler.kubeconfig',
} as const;

/** Arguments of etcd. */
export function etcdArgs({ folder }: Layout): string[] {
  return ['etcd', `--data-dir=${join(folder, 'etcd')}`, `--socket=${join(folder, files.etcdSocket)}`];
}

/** Arguments of the API server; `extra` comes last and so wins over what is set here. */
export function apiServerArgs(
  { folder, issuer }: Layout,
  { port, etcdSocket, auditLog }: ServerLayout,
  extra: readonly string[],
): string[] {
  return [
    'kube-apiserver',
    `--etcd-servers=unix://${join(folder, etcdSocket)}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, 'certs')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=RBAC',
    `--token-auth-file=${join(folder, files.tokens)}`,
    `--service-account-issuer=${issuer}`,
    `--service-account-key-file=${join(folder, 'sa.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
    `--audit-policy-file=${join(folder, files.auditPolicy)}`,
    `--audit-log-path=${join(folder, auditLog)}`,
    '--audit-log-maxsize=10000',
    '--profiling=false',
    ...extra,
  ];
}

/**
 * Controllers that run. Left out: those that need a cloud, nodes that send heartbeats, or a network.
 * The EndpointSlice controller is one of them: it refuses the loopback addresses of our pods and
 * would write a warning event to every Service.
 */
const controllers = [
  'deployment-controller',
  'replicaset-controller',
  'statefulset-controller',
  'daemonset-controller',
  'job-controller',
  'cronjob-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'pod-garbage-collector-controller',
  'disruption-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'root-ca-certificate-publisher-controller',
  'clusterrole-aggregation-controller',
];

/** Arguments of the controller manager. */
export function controllerManagerArgs({ folder }: Layout): string[] {
  return [
    'kube-controller-manager',
    `--kubeconfig=${join(folder, files.controllerManagerKubeconfig)}`,
    '--leader-elect=false',
    '--secure-port=0',
    `--service-account-private-key-file=${join(folder, 'sa.key')}`,
    `--root-ca-file=${join(folder, files.certificate)}`,
    `--controllers=${controllers.join(',')}`,
  ];
}

/** Arguments of the scheduler. */
export function schedulerArgs({ folder }: Layout): string[] {
  const kubeconfig = join(folder, files.schedulerKubeconfig);
  return ['kube-scheduler', `--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0'];
}
