/** The pretend Azure in a process of its own, so that its CPU is neither the bench's nor the operator's. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AzureControl } from '../../dev/azure/control/client.ts';
import type { Cluster } from '../../dev/cluster/cluster.ts';
import { startProcess } from '../../dev/cluster/process.ts';
import { until } from '../../dev/cluster/wait.ts';
import { ROOT } from './subject.ts';

export interface PretendAzure {
  readonly pid: number;
  readonly control: AzureControl;
  readonly tenantId: string;
  /** Environment of its clients. */
  readonly env: Readonly<Record<string, string>>;
}

interface Announcement {
  readonly proxyUrl: string;
  readonly caFile: string;
  readonly controlUrl: string;
  readonly dnsServer: string;
  readonly tenantId: string;
}

/** Ends with the cluster. */
export async function startPretendAzure({ binary, dir, beforeStop }: Cluster): Promise<PretendAzure> {
  const logFile = join(dir, 'azure.log');
  const child = startProcess({
    name: 'azure',
    binary,
    argv: [process.execPath, join(ROOT, 'dev', 'azure', 'main.ts')],
    env: { PATH: process.env['PATH'] ?? '', TMPDIR: dir },
    logFile,
    cwd: ROOT,
  });
  beforeStop(() => child.stop(5_000));
  const said = await until(async () => announcement(await readFile(logFile, 'utf8')), {
    what: 'the pretend Azure to start',
  });
  const { proxyUrl, caFile, controlUrl, dnsServer, tenantId } = said;
  const control = new AzureControl(controlUrl);
  beforeStop(async () => control.close());
  const env = {
    HTTPS_PROXY: proxyUrl,
    NO_PROXY: '127.0.0.1,localhost',
    NODE_EXTRA_CA_CERTS: caFile,
    SSL_CERT_FILE: caFile,
    APPCONFIG_OPERATOR_DNS_SERVER: dnsServer,
  };
  return { pid: child.pid, control, tenantId, env };
}

function announcement(output: string): Announcement | undefined {
  const line = output.split('\n').find((one) => one.startsWith('{') && one.endsWith('}'));
  return line === undefined ? undefined : (JSON.parse(line) as Announcement);
}
