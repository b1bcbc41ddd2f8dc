/**
 * A real Kubernetes control plane on loopback: etcd, API server, controller manager, scheduler.
 *
 * Guarantees: once `startCluster` resolves, the API server answers, RBAC is in force, ServiceAccounts are
 * made and their issuer can be discovered anonymously; clusters do not see each other; nothing is left
 * behind, neither a process nor a file, however this process ends.
 * Assumptions: Linux; started from the main thread; nobody else binds the chosen port.
 * Failure: a component that does not come up makes `startCluster` reject with the end of its log, after
 * everything that had been started is stopped.
 */
import { join } from 'node:path';
import { type ApiClient, createApiClient } from './api.ts';
import { type AuditEvent, readAuditLogs } from './audit.ts';
import { ensureControlPlane } from './build.ts';
import { files } from './components.ts';
import { ControlPlane } from './control-plane.ts';
import { makeFolder } from './folder.ts';
import { freePort } from './ports.ts';
import { type SecondServer, startSecondServer } from './second-server.ts';
import { makeTools, type Tools } from './tools.ts';
import { until } from './wait.ts';

/** Settings of a cluster; all have defaults. */
export interface ClusterOptions {
  /** Shown in messages. */
  readonly name?: string;
  /** Added to the API server's command line, e.g. `--min-request-timeout=3`, `--event-ttl=1m`. */
  readonly apiServerFlags?: readonly string[];
  /** Leaves the folder with logs and audit log in place for inspection. */
  readonly keepFolder?: boolean;
}

/** Signals that make an outage. */
export type OutageSignal = 'SIGSTOP' | 'SIGCONT' | 'SIGKILL';

/** A running cluster. */
export interface Cluster extends Tools {
  readonly name: string;
  /** `https://127.0.0.1:<port>`, also the issuer of its ServiceAccount tokens. */
  readonly url: string;
  readonly port: number;
  readonly issuer: string;
  readonly caFile: string;
  readonly caPem: string;
  /** Bearer token of a member of system:masters. */
  readonly adminToken: string;
  /** Path of a kubeconfig for the admin. */
  readonly kubeconfig: string;
  /** Folder of everything that belongs to this cluster, logs included. */
  readonly dir: string;
  /** Path of the control plane's binary; `kubectl` and `helm` lie beside it. */
  readonly binary: string;
  /** A client logged in as admin. */
  readonly api: ApiClient;
  /** Process ids of the four components. */
  readonly pids: () => number[];
  /** Applies manifests with kubectl; throws with kubectl's words. */
  readonly applyYaml: (text: string) => Promise<string>;
  /** Resolves when objects of every applied CustomResourceDefinition can be made. */
  readonly untilCrdsEstablished: () => Promise<void>;
  /** Requests so far, oldest first; neither the launcher's nor the control plane's own reads. See audit.ts. */
  readonly auditEvents: (filter?: (event: AuditEvent) => boolean) => Promise<AuditEvent[]>;
  readonly signalApiServer: (signal: OutageSignal) => void;
  /** Kills the API server and starts it again on its port; resolves when it is ready. */
  readonly restartApiServer: () => Promise<void>;
  /** Another API server with the same data and certificates, whose connection to etcd can be frozen. Once per cluster. */
  readonly startSecondServer: (flags?: readonly string[]) => Promise<SecondServer>;
  /** Logs in as the pod runner. */
  readonly podRunnerApi: ApiClient;
  /** Something that must end before the control plane does; run once, by `stop`. */
  readonly beforeStop: (action: () => Promise<void>) => void;
  /** Stops clients, controllers, API server and etcd in this order and deletes the folder. Never rejects twice. */
  readonly stop: () => Promise<void>;
}

/** Starts a cluster, building the control plane's binary first if need be. Takes 3 to 5 s once built. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const binary = await ensureControlPlane();
  const [folder, port] = await Promise.all([makeFolder(binary, options.keepFolder ?? false), freePort()]);
  const name = options.name ?? `cluster-${port}`;
  const controlPlane = new ControlPlane(binary, folder.path, port, options.apiServerFlags ?? []);
  try {
    await controlPlane.start();
    const tools = await makeTools(binary, folder.path, join(folder.path, files.kubeconfig));
    return assemble({ name, binary, dir: folder.path, port, controlPlane, tools, remove: folder.remove });
  } catch (error) {
    const causes = await controlPlane.logTails();
    await controlPlane.stop();
    await folder.remove();
    throw new Error(`${name} did not start\n${causes}`, { cause: error });
  }
}

interface Parts {
  readonly name: string;
  readonly binary: string;
  readonly dir: string;
  readonly port: number;
  readonly controlPlane: ControlPlane;
  readonly tools: Tools;
  readonly remove: () => Promise<void>;
}

function assemble({ name, binary, dir, port, controlPlane, tools, remove }: Parts): Cluster {
  const { caPem, tokens } = controlPlane;
  const api = createApiClient({ port, caPem, token: tokens.admin });
  const podRunnerApi = createApiClient({ port, caPem, token: tokens.podRunner });
  const clients: (() => Promise<void>)[] = [];
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    // Later clients may depend on earlier ones.
    for (const end of clients.reverse()) await end();
    api.close();
    podRunnerApi.close();
    await controlPlane.stop();
    await remove();
  };
  const url = `https://127.0.0.1:${port}`;
  return {
    ...tools,
    name,
    url,
    port,
    issuer: url,
    caFile: join(dir, files.certificate),
    caPem,
    adminToken: tokens.admin,
    kubeconfig: join(dir, files.kubeconfig),
    dir,
    binary,
    api,
    podRunnerApi,
    pids: () => controlPlane.pids(),
    applyYaml: (text) => tools.kubectlOrThrow(['apply', '-f', '-'], { input: text }),
    untilCrdsEstablished: () => untilCrdsEstablished(tools),
    auditEvents: async (filter = () => true) => (await readAuditLogs(dir)).filter(filter),
    signalApiServer: (signal) => controlPlane.signalApiServer(signal),
    restartApiServer: () => controlPlane.restartApiServer(),
    startSecondServer: async (flags = []) => {
      const second = await startSecondServer(controlPlane, dir, flags);
      clients.push(() => second.stop());
      return second;
    },
    beforeStop: (action) => void clients.push(action),
    stop: () => (stopped ??= stop()),
  };
}

/** kubectl fails at once, instead of waiting, on a CRD that has no conditions yet. */
async function untilCrdsEstablished({ kubectl }: Tools): Promise<void> {
  const wait = ['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s'];
  const established = async () => (await kubectl(wait)).exitCode === 0;
  await until(established, { what: 'the CRDs', deadlineMs: 60_000 });
}
