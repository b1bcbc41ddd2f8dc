import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../../dev/cluster/cluster.ts';
import { installation, RELEASE } from '../../support/real/rbac.ts';

const CRD_FILE = new URL('../../../crds/appconfigbindings.appconfig.dev.yaml', import.meta.url);

/** Installs CRD, ServiceAccount and rights; returns the folder that the kubelet would mount for that ServiceAccount. */
export async function prepareCluster(cluster: Cluster, namespace: string): Promise<string> {
  await cluster.applyYaml(await readFile(CRD_FILE, 'utf8'));
  await cluster.untilCrdsEstablished();
  await cluster.applyYaml(await installation(cluster, namespace));
  const token = await cluster.kubectlOrThrow(['create', 'token', RELEASE], { namespace });
  const folder = join(cluster.dir, 'serviceaccount');
  await mkdir(folder);
  const files = { token, 'ca.crt': cluster.caPem, namespace };
  await Promise.all(
    Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text, { mode: 0o644 })),
  );
  return folder;
}
