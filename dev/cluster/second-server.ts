/**
 * A second API server on the etcd of a cluster, as clusters with several control plane nodes have.
 *
 * Guarantees: same data, certificates, ServiceAccount issuer and logins as the first; its connections to etcd pass a
 * tunnel. While that is frozen the server lags: reads of its cache (`resourceVersion=0`) and watches show the past,
 * reads of what was written last, and writes, hang until it thaws or they time out.
 * Failure: one that does not come up rejects and is stopped.
 */
import { join } from 'node:path';
import { type ApiClient, createApiClient } from './api.ts';
import { files } from './components.ts';
import type { ControlPlane } from './control-plane.ts';
import { freePort } from './ports.ts';
import { startTunnel, type Tunnel } from './tunnel.ts';

export interface SecondServer {
  readonly port: number;
  /** A client logged in as admin. */
  readonly api: ApiClient;
  /** Between it and etcd. */
  readonly etcd: Tunnel;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Ends the server, then the tunnel. */
  readonly stop: () => Promise<void>;
}

/** An API server that can still reach its etcd ends by itself well within this; milliseconds. */
const GRACE = 5_000;

export async function startSecondServer(
  controlPlane: ControlPlane,
  folder: string,
  flags: readonly string[],
): Promise<SecondServer> {
  const etcd = await startTunnel(
    { path: join(folder, files.secondEtcdSocket) },
    { path: join(folder, files.etcdSocket) },
  );
  const port = await freePort();
  const { secondAuditLog: auditLog, secondEtcdSocket: etcdSocket } = files;
  const layout = { name: 'kube-apiserver-2', port, etcdSocket, auditLog };
  const running = await controlPlane.startApiServer(layout, flags).catch(async (error: unknown) => {
    await etcd.stop();
    throw error;
  });
  const { caPem, tokens } = controlPlane;
  const api = createApiClient({ port, caPem, token: tokens.admin });
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    api.close();
    etcd.thaw();
    await running.stop(GRACE);
    await etcd.stop();
  };
  return { port, api, etcd, signal: running.signal, stop: () => (stopped ??= stop()) };
}
