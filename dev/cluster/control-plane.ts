import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { type ApiClient, createApiClient } from './api.ts';
import { auditPolicy } from './audit.ts';
import {
  apiServerArgs,
  controllerManagerArgs,
  etcdArgs,
  files,
  type Layout,
  type ServerLayout,
  schedulerArgs,
} from './components.ts';
import { type Tokens, users, writeCredentials, writeKubeconfig } from './credentials.ts';
import { type LocalProcess, startProcess } from './process.ts';
import { binaryEnvironment } from './tools.ts';
import { until } from './wait.ts';

/** How long a component may take to end by itself, in milliseconds. */
const grace = 5_000;

/** The four processes of one cluster, started and stopped in the order that works. */
export class ControlPlane {
  readonly #binary: string;
  readonly #layout: Layout;
  readonly #apiServerFlags: readonly string[];
  readonly #processes = new Map<string, LocalProcess>();
  readonly #first: ServerLayout;
  #tokens: Tokens | undefined;
  #caPem = '';

  constructor(binary: string, folder: string, port: number, apiServerFlags: readonly string[]) {
    this.#binary = binary;
    this.#layout = { folder, port, issuer: `https://127.0.0.1:${port}` };
    this.#apiServerFlags = apiServerFlags;
    const { auditLog, etcdSocket } = files;
    this.#first = { name: 'kube-apiserver', port, etcdSocket, auditLog };
  }

  /** The API server's certificate, which is its own CA; known once started. */
  get caPem(): string {
    return this.#caPem;
  }

  get tokens(): Tokens {
    if (this.#tokens === undefined) throw new Error('the control plane was not started');
    return this.#tokens;
  }

  pids(): number[] {
    return [...this.#processes.values()]
      .filter((process) => process.isRunning())
      .map((process) => process.pid);
  }

  /** Starts everything; resolves when ServiceAccounts work. */
  async start(): Promise<void> {
    const { folder } = this.#layout;
    const etcd = this.#run('etcd', etcdArgs(this.#layout));
    const [tokens] = await Promise.all([
      writeCredentials(folder),
      writeFile(join(folder, files.auditPolicy), JSON.stringify(auditPolicy)),
      mkdir(join(folder, 'certs'), { recursive: true }),
      // The API server's first failed dials would go into a backoff of seconds.
      this.#wait(etcd, () => answersOnSocket(join(folder, files.etcdSocket))),
    ]);
    this.#tokens = tokens;
    await this.startApiServer(this.#first);
    await this.#writeKubeconfigs(tokens);
    this.#run('kube-controller-manager', controllerManagerArgs(this.#layout));
    this.#run('kube-scheduler', schedulerArgs(this.#layout));
    await this.#withClient(async (client) => {
      await allowAnonymousDiscovery(client);
      await this.#serviceAccountsWork(client);
    });
  }

  /** Stops in reverse order: an API server whose etcd is gone ignores SIGTERM for long. */
  async stop(): Promise<void> {
    const stop = (...names: readonly string[]) =>
      Promise.all(names.map((name) => this.#processes.get(name)?.stop(grace)));
    const servers = [...this.#processes.keys()].filter((name) => name.startsWith('kube-apiserver'));
    await stop('kube-controller-manager', 'kube-scheduler');
    await stop(...servers);
    await stop('etcd');
  }

  signalApiServer(signal: NodeJS.Signals): void {
    this.#processes.get('kube-apiserver')?.signal(signal);
  }

  async restartApiServer(): Promise<void> {
    await this.#processes.get('kube-apiserver')?.stop(0);
    await this.startApiServer(this.#first);
  }

  /** Starts an API server on this cluster's etcd and resolves when it is ready. Whoever starts a second one stops it. */
  async startApiServer(server: ServerLayout, flags: readonly string[] = []): Promise<LocalProcess> {
    const args = apiServerArgs(this.#layout, server, [...this.#apiServerFlags, ...flags]);
    const running = this.#run(server.name, args);
    const certificate = join(this.#layout.folder, files.certificate);
    this.#caPem = await this.#wait(running, () => readFile(certificate, 'utf8'));
    await this.#withClient(
      (client) =>
        this.#wait(
          running,
          async () => (await client.request('GET', '/readyz', { timeoutMs: 2_000 })).status === 200,
        ),
      server.port,
    );
    return running;
  }

  /** The ends of all logs, for an error message. */
  async logTails(): Promise<string> {
    const tails = [...this.#processes.values()].map(async (one) => `--- ${one.name}\n${await one.logTail()}`);
    return (await Promise.all(tails)).join('\n');
  }

  #run(name: string, args: readonly string[]): LocalProcess {
    const { folder } = this.#layout;
    const process = startProcess({
      name,
      binary: this.#binary,
      argv: [this.#binary, ...args],
      env: binaryEnvironment(folder),
      logFile: join(folder, `${name}.log`),
      cwd: folder,
    });
    this.#processes.set(name, process);
    return process;
  }

  /** Waits for a component, but not longer than it lives. */
  #wait<T>(component: LocalProcess, ask: () => Promise<T | false | undefined>): Promise<T> {
    const died = component.exited.then((exit): never => {
      throw new Error(`${component.name} ended while it was starting (${exit.code ?? exit.signal})`);
    });
    return Promise.race([until(ask, { what: `${component.name} to be ready`, deadlineMs: 60_000 }), died]);
  }

  async #withClient(
    action: (client: ApiClient) => Promise<unknown>,
    port = this.#layout.port,
  ): Promise<void> {
    const client = createApiClient({
      port,
      caPem: this.#caPem,
      token: this.tokens.launcher,
    });
    await action(client).finally(() => client.close());
  }

  async #writeKubeconfigs(tokens: Tokens): Promise<void> {
    const { folder, issuer: url } = this.#layout;
    const write = (file: string, role: keyof Tokens) =>
      writeKubeconfig(join(folder, file), {
        url,
        caPem: this.#caPem,
        user: users[role],
        token: tokens[role],
      });
    await Promise.all([
      write(files.kubeconfig, 'admin'),
      write(files.controllerManagerKubeconfig, 'controllerManager'),
      write(files.schedulerKubeconfig, 'scheduler'),
    ]);
  }

  async #serviceAccountsWork(client: ApiClient): Promise<void> {
    const made = ['serviceaccounts/default', 'configmaps/kube-root-ca.crt'];
    for (const path of made) {
      await until(
        async () => (await client.request('GET', `/api/v1/namespaces/default/${path}`)).status === 200,
        { what: `the controller manager to make ${path}`, deadlineMs: 60_000 },
      );
    }
  }
}

/** Lets anyone read the issuer's OIDC documents, as clusters that federate with a cloud do. */
async function allowAnonymousDiscovery(client: ApiClient): Promise<void> {
  const { status } = await client.request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    body: {
      metadata: { name: 'anonymous-issuer-discovery' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'system:service-account-issuer-discovery',
      },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:unauthenticated' }],
    },
  });
  if (status !== 201) throw new Error(`binding the issuer discovery role was answered with ${status}`);
}

function answersOnSocket(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/health', timeout: 1_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.once('error', () => resolve(false));
    request.once('timeout', () => request.destroy());
  });
}
