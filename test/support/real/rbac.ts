import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { Cluster } from '../../../dev/cluster/cluster.ts';

const CHART = fileURLToPath(new URL('../../../charts/appconfig-operator', import.meta.url));

/** Name of the release, and with it of the ServiceAccount and the Lease. */
export const RELEASE = 'appconfig-operator';

const KINDS = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];

/** Manifests of a namespace for an operator, and of the ServiceAccount and rights that the chart gives it there. */
export async function installation(
  { helmOrThrow }: Cluster,
  namespace: string,
  values: readonly string[] = [],
): Promise<string> {
  const set = values.flatMap((value) => ['--set', value]);
  const rendered = await helmOrThrow(['template', RELEASE, CHART, '--namespace', namespace, ...set]);
  const objects = parseAllDocuments(rendered).map((document) => document.toJS() as { kind?: string } | null);
  const rights = objects.filter((object) => KINDS.includes(object?.kind ?? ''));
  const items = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, ...rights];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
