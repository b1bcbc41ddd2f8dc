/** Who the measured programs are to the API server: ServiceAccounts of one namespace, so that priority and fairness apply. */
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Cluster } from '../../dev/cluster/cluster.ts';
import { writeKubeconfig } from '../../dev/cluster/credentials.ts';
import { ROOT } from './subject.ts';

export const SYSTEM_NAMESPACE = 'bench-system';
const ADMIN = 'bench-admin';
/** Name of the release, and with it of the ServiceAccount. */
const RELEASE = 'appconfig-operator';
const RIGHTS = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];

export interface Login {
  /** As the audit log names it. */
  readonly user: string;
  readonly token: string;
  readonly kubeconfig: string;
}

export interface Logins {
  /** With the rights of the chart. */
  readonly chart: Login;
  /** With all rights: the floor, and operators that bring no rights of their own. */
  readonly admin: Login;
}

export async function makeLogins(cluster: Cluster): Promise<Logins> {
  await cluster.applyYaml(await chartRights(cluster));
  await cluster.applyYaml(JSON.stringify(adminRights));
  const [chart, admin] = await Promise.all([login(cluster, RELEASE), login(cluster, ADMIN)]);
  return { chart, admin };
}

/** The namespace, and in it the ServiceAccount and the rights that the chart gives the operator. */
async function chartRights({ helmOrThrow }: Cluster): Promise<string> {
  const chart = join(ROOT, 'charts', 'appconfig-operator');
  const rendered = await helmOrThrow(['template', RELEASE, chart, '--namespace', SYSTEM_NAMESPACE]);
  const objects = parseAllDocuments(rendered).map((one) => one.toJS() as { kind?: string } | null);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SYSTEM_NAMESPACE } };
  const items = [namespace, ...objects.filter((object) => RIGHTS.includes(object?.kind ?? ''))];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

const adminRights = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: ADMIN, namespace: SYSTEM_NAMESPACE },
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: ADMIN },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: ADMIN, namespace: SYSTEM_NAMESPACE }],
    },
  ],
};

async function login({ kubectlOrThrow, dir, url, caPem }: Cluster, name: string): Promise<Login> {
  const args = ['create', 'token', name, '--duration=4h'];
  const token = (await kubectlOrThrow(args, { namespace: SYSTEM_NAMESPACE })).trim();
  const kubeconfig = join(dir, `${name}.kubeconfig`);
  await writeKubeconfig(kubeconfig, { url, caPem, user: name, token });
  return { user: `system:serviceaccount:${SYSTEM_NAMESPACE}:${name}`, token, kubeconfig };
}
