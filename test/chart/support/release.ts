import type { AuditEvent } from '../../../dev/cluster/audit.ts';
import { until } from '../../../dev/cluster/wait.ts';
import { Objects, type SeenObject } from '../../support/real/objects.ts';
import type { World } from '../../support/real/world.ts';
import { CHART, type Values } from './chart.ts';
import { IMAGE } from './stage.ts';

interface SeenLease extends SeenObject {
  readonly spec: { readonly holderIdentity?: string };
}
interface SeenPod extends SeenObject {
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}
interface SeenDeployment extends SeenObject {
  readonly status: { readonly availableReplicas?: number };
}

/** One helm release on a real API server; waits as `--wait` does. */
export class Release {
  readonly name: string;
  readonly namespace: string;
  readonly #world: World;
  readonly #objects: Objects;

  constructor(world: World, name: string, namespace: string) {
    this.#world = world;
    this.name = name;
    this.namespace = namespace;
    this.#objects = new Objects(world.cluster.api);
  }

  /** Of the Deployment, the ServiceAccount and the Lease. */
  get fullname(): string {
    return this.name.includes('appconfig-operator') ? this.name : `${this.name}-appconfig-operator`;
  }
  get user(): string {
    return `system:serviceaccount:${this.namespace}:${this.fullname}`;
  }

  install(values: Values): Promise<string> {
    return this.#helm(['install', this.name, CHART, '--create-namespace', '--wait'], values);
  }
  upgrade(values: Values): Promise<string> {
    return this.#helm(['upgrade', this.name, CHART, '--reset-then-reuse-values', '--wait'], values);
  }
  uninstall(): Promise<string> {
    return this.#helm(['uninstall', this.name, '--wait']);
  }

  #helm(args: readonly string[], values?: Values): Promise<string> {
    const { cluster, azure } = this.#world;
    const fixed = {
      image: IMAGE,
      azure: { tenantId: azure.tenantId },
      proxy: { httpsProxy: azure.proxyUrl },
    };
    const given = values === undefined ? [] : ['--timeout=120s', '--values', '-'];
    return cluster.helmOrThrow([...args, ...given], {
      namespace: this.namespace,
      input: JSON.stringify({ ...fixed, ...values }),
    });
  }

  async pods(): Promise<readonly SeenPod[]> {
    const pods = await this.#objects.list<SeenPod>('pods', this.namespace);
    return pods.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/instance'] === this.name);
  }

  async readyPods(): Promise<readonly string[]> {
    const isReady = ({ status }: SeenPod): boolean =>
      status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
    return (await this.pods()).filter(isReady).map(({ metadata }) => metadata.name);
  }

  /** Pods that may serve right now. */
  async available(): Promise<number> {
    const found = await this.#objects.get<SeenDeployment>('deployments', this.namespace, this.fullname);
    return found?.status.availableReplicas ?? 0;
  }

  /** Name of the living pod that holds the Lease. */
  async leader(): Promise<string | undefined> {
    const lease = await this.#objects.get<SeenLease>('leases', this.namespace, this.fullname);
    const holder = lease?.spec.holderIdentity ?? '';
    return (await this.pods())
      .map(({ metadata }) => metadata.name)
      .find((pod) => holder.startsWith(`${pod}_`));
  }

  untilLed(deadlineMs: number): Promise<string> {
    return until(() => this.leader(), { what: `a pod of ${this.name} to hold the Lease`, deadlineMs });
  }

  /** Waits until some replica has reconciled something since it started. */
  async untilAtWork(): Promise<void> {
    const reconciles = async () => {
      const metrics = await Promise.all((await this.pods()).map((pod) => metricsOf(pod)));
      return metrics.some((text) => /^appconfig_operator_reconcile_total\{.*\} [1-9]/m.test(text));
    };
    await until(reconciles, { what: `${this.name} to reconcile`, deadlineMs: 60_000, everyMs: 100 });
  }

  /** `kubectl auth can-i` as the operator. */
  async can(...question: readonly string[]): Promise<boolean> {
    const { stdout } = await this.#world.cluster.kubectl(['auth', 'can-i', ...question, `--as=${this.user}`]);
    return stdout.trim() === 'yes';
  }

  /** What the operator asked of the API server so far. */
  requests(): Promise<readonly AuditEvent[]> {
    return this.#world.cluster.auditEvents(({ user }) => user.username === this.user);
  }
}

async function metricsOf({ status }: SeenPod): Promise<string> {
  return (await fetch(`http://${status.podIP}:8080/metrics`)).text();
}
