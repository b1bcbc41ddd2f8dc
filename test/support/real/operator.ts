/**
 * The operator as a real process, logged in as a ServiceAccount with the rights of the chart.
 *
 * Guarantees: it dies with the test process; its standard output is in a file of the cluster's folder.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeKubeconfig } from '../../../dev/cluster/credentials.ts';
import { type Exit, type LocalProcess, startProcess } from '../../../dev/cluster/process.ts';
import { until } from '../../../dev/cluster/wait.ts';
import { installation, RELEASE } from './rbac.ts';
import type { World } from './world.ts';

export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/** One line of the operator's log. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** A place to run operators: a namespace with Lease, key and ServiceAccount. Replicas share one. */
export interface Installation {
  readonly world: World;
  readonly namespace: string;
  readonly kubeconfig: string;
  readonly token: string;
  starts: number;
}

export interface OperatorOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the installation's own. */
  readonly kubeconfig?: string;
  /** What starts it; default `src/main.ts`. */
  readonly program?: string;
  /** Values of the chart that decide its rights; see `install`. */
  readonly values?: readonly string[];
}

let installations = 0;

/**
 * Makes namespace, ServiceAccount and rights, and logs in as that ServiceAccount. `values` are values of the chart,
 * as `helm --set` takes them; only those that decide rights have an effect.
 */
export async function install(world: World, values: readonly string[] = []): Promise<Installation> {
  const { cluster } = world;
  const namespace = `system-${++installations}`;
  await cluster.applyYaml(await installation(cluster, namespace, values));
  const token = (
    await cluster.kubectlOrThrow(['create', 'token', RELEASE, '--duration=4h'], { namespace })
  ).trim();
  const kubeconfig = join(cluster.dir, `${namespace}.kubeconfig`);
  await writeKubeconfig(kubeconfig, { url: cluster.url, caPem: cluster.caPem, user: 'operator', token });
  return { world, namespace, kubeconfig, token, starts: 0 };
}

/** A kubeconfig of the same ServiceAccount for another address of the API server, such as a proxy. */
export async function kubeconfigFor(
  { world, namespace, token }: Installation,
  { url, caPem }: { readonly url: string; readonly caPem: string },
): Promise<string> {
  const file = join(world.cluster.dir, `${namespace}-proxied.kubeconfig`);
  await writeKubeconfig(file, { url, caPem, user: 'operator', token });
  return file;
}

/** Starts `src/main.ts` and waits until it says where it listens; not until it is ready. */
export async function startOperator(
  place: Installation,
  { flags = [], env = {}, kubeconfig = place.kubeconfig, program = 'src/main.ts' }: OperatorOptions = {},
): Promise<OperatorProcess> {
  const { cluster, azure } = place.world;
  place.starts += 1;
  const name = `${place.namespace}-${place.starts}`;
  const logFile = join(cluster.dir, `${name}.log`);
  const argv = [
    process.execPath,
    program,
    `--kubeconfig=${kubeconfig}`,
    `--namespace=${place.namespace}`,
    `--pod-name=${name}`,
    '--http-address=127.0.0.1:0',
    `--dns-server=${azure.dnsServer}`,
    ...flags,
  ];
  const child = startProcess({
    name,
    binary: cluster.binary,
    argv,
    env: { ...ownEnvironment(cluster.dir), ...azure.env(), ...env },
    logFile,
    cwd: REPOSITORY,
  });
  const operator = new OperatorProcess(child, logFile);
  await operator.untilStarted();
  return operator;
}

/** Of the test's environment only what decides how Node is found and how fast it starts. */
function ownEnvironment(home: string): Readonly<Record<string, string>> {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  return { PATH, NODE_COMPILE_CACHE, HOME: home };
}

export class OperatorProcess {
  readonly name: string;
  readonly #child: LocalProcess;
  readonly #logFile: string;
  #port = 0;

  constructor(child: LocalProcess, logFile: string) {
    this.name = child.name;
    this.#child = child;
    this.#logFile = logFile;
  }

  get exited(): Promise<Exit> {
    return this.#child.exited;
  }

  get isRunning(): boolean {
    return this.#child.isRunning();
  }

  /** Everything it wrote. */
  output(): Promise<string> {
    return readFile(this.#logFile, 'utf8').catch(() => '');
  }

  /** The lines that are JSON; a crash prints others too. */
  async log(): Promise<readonly LogLine[]> {
    const lines = (await this.output()).split('\n').filter((line) => line.startsWith('{'));
    return lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as LogLine];
      } catch {
        return [];
      }
    });
  }

  async untilStarted(): Promise<void> {
    const started = until(async () => (await this.log()).find(({ message }) => message === 'Started.'), {
      what: `${this.name} to start`,
      deadlineMs: 60_000,
    });
    const died = this.exited.then(async (exit): Promise<never> => {
      throw new Error(`${this.name} ended (${exit.code ?? exit.signal}):\n${await this.output()}`);
    });
    died.catch(() => undefined);
    this.#port = Number((await Promise.race([started, died]))['port']);
  }

  /** GET of `/livez`, `/readyz` or `/metrics`. */
  async http(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const answer = await fetch(`http://127.0.0.1:${this.#port}${path}`);
    return { status: answer.status, text: await answer.text() };
  }

  /** The value of a time series, e.g. `reconcile_total{outcome="requeueAfter"}`; 0 when there is none. */
  async metric(series: string): Promise<number> {
    const { text } = await this.http('/metrics');
    const start = `appconfig_operator_${series} `;
    const line = text.split('\n').find((one) => one.startsWith(start));
    return Number(line?.slice(start.length) ?? 0);
  }

  async untilReady(): Promise<void> {
    await until(async () => (await this.http('/readyz')).status === 200, {
      what: `${this.name} to be ready`,
    });
  }

  async untilLeading(): Promise<void> {
    await until(async () => (await this.log()).some(({ message }) => message === 'Became leader.'), {
      what: `${this.name} to lead`,
      deadlineMs: 60_000,
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.signal(name);
  }

  /** As a node that loses power. */
  async kill(): Promise<void> {
    this.#child.signal('SIGKILL');
    await this.exited;
  }

  /** As the kubelet ends a pod; resolves to how it ended. */
  async terminate(): Promise<Exit> {
    await this.#child.stop(30_000);
    return this.exited;
  }
}
