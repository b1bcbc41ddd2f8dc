/**
 * The whole operator on a virtual clock, with a cluster and an Azure in memory: the real reconciler, sources,
 * informers and queue; only the adapters are replaced.
 */
import { check } from '../../src/adapters/schema/check.ts';
import type { AppConfigBinding, BindingSpec } from '../../src/api/schema.ts';
import type { Workload } from '../../src/domain/rollouts/workload.ts';
import type { TargetObject } from '../../src/domain/targets/targets.ts';
import { Operator } from '../../src/operator.ts';
import type { EventRecorder, EventToRecord } from '../../src/ports/events.ts';
import type { KubernetesObject, KubernetesResult } from '../../src/ports/kubernetes.ts';
import type { SchemaValidator } from '../../src/ports/schemas.ts';
import { parseSettings } from '../../src/settings/parse.ts';
import type { Settings } from '../../src/settings/settings.ts';
import { MemoryAzure } from './memory-azure.ts';
import {
  BINDINGS,
  CONFIG_MAPS,
  DEPLOYMENTS,
  type Interceptor,
  type MemoryClient,
  MemoryCluster,
  NAMESPACES,
  RecordingLogger,
  RecordingMetrics,
  SECRETS,
  SERVICE_ACCOUNTS,
  SeededRandom,
} from './memory-cluster/index.ts';
import { troublesOfEvent } from './status/events.ts';
import { auditStatuses, note } from './status/simulated.ts';
import { VirtualClock } from './virtual-clock.ts';

export const ENDPOINT = 'https://contoso.azconfig.io';
export const STORE_HOST = 'contoso.azconfig.io';
export const VAULT = 'contoso.vault.azure.net';
export const CLIENT_ID = '11111111-1111-1111-1111-111111111111';
export const TENANT_ID = '22222222-2222-2222-2222-222222222222';
export const NAMESPACE = 'shop';
const SYSTEM = 'appconfig-system';

/** A spec that reads everything without a label into a ConfigMap and a Secret. */
export const baseSpec: BindingSpec = {
  store: { endpoint: ENDPOINT },
  identity: { workloadIdentity: { serviceAccountName: 'orders' } },
  target: { configMap: { name: 'orders-config' }, secret: { name: 'orders-secrets' } },
};

export class Simulation {
  readonly clock = new VirtualClock();
  readonly cluster = new MemoryCluster(this.clock, [NAMESPACE, SYSTEM]);
  readonly azure: MemoryAzure;
  readonly events: EventToRecord[] = [];
  readonly logger = new RecordingLogger();
  readonly metrics = new RecordingMetrics();
  /** In this thread: on a virtual clock another one would always be late. */
  schemas: SchemaValidator = { validate: async (schema, content) => check(schema, content) };
  /** The client of the operator that runs now. */
  client: MemoryClient | undefined;
  operator: Operator | undefined;
  #starts = 0;

  /** `azure`: the stores and vaults of another simulation. */
  constructor(azure = new MemoryAzure()) {
    this.azure = azure;
    azure.now = () => this.clock.now();
    auditStatuses(this.cluster);
    const annotations = {
      'azure.workload.identity/client-id': CLIENT_ID,
      'azure.workload.identity/tenant-id': TENANT_ID,
    };
    this.cluster.seed(SERVICE_ACCOUNTS, { metadata: { namespace: NAMESPACE, name: 'orders', annotations } });
    this.azure.grant(CLIENT_ID, STORE_HOST);
    this.azure.grant(CLIENT_ID, VAULT);
  }

  /** Starts an operator process; `intercept` decides what happens to its calls. */
  start(intercept: Interceptor = () => 'proceed', flags: readonly string[] = []): void {
    const { clock, azure, logger, metrics, schemas } = this;
    this.#starts += 1;
    this.client = this.cluster.client({ intercept });
    const events: EventRecorder = { record: (event) => this.#recorded(event) };
    const random = new SeededRandom(this.#starts);
    const world = {
      kube: this.client,
      azure,
      events,
      clock,
      random,
      logger,
      metrics,
      schemas,
      identity: `pod-${this.#starts}`,
    };
    this.operator = new Operator(settingsOf(flags), world);
    this.operator.manager.start();
  }

  #recorded(event: EventToRecord): void {
    this.events.push(event);
    for (const trouble of troublesOfEvent(event)) note(trouble);
  }

  /** A graceful stop. */
  async stop(): Promise<void> {
    const stopped = this.operator?.manager.stop(1_000);
    let done = false;
    void stopped?.then(() => {
      done = true;
    });
    await this.clock.runUntil(() => done);
    this.operator = undefined;
  }

  /** Creates or replaces the binding `orders`. */
  async apply(spec: BindingSpec, name = 'orders', annotations: Record<string, string> = {}): Promise<void> {
    let result = await this.#applyOnce(spec, name, annotations);
    // The operator may write the status in between; kubectl would try again, too.
    while (!result.ok && result.error.kind === 'status' && result.error.code === 409)
      result = await this.#applyOnce(spec, name, annotations);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
  }

  #applyOnce(
    spec: BindingSpec,
    name: string,
    annotations: Record<string, string>,
  ): Promise<KubernetesResult<KubernetesObject>> {
    const ref = { type: BINDINGS, namespace: NAMESPACE, name };
    const existing = this.cluster.read<AppConfigBinding & KubernetesObject>(ref);
    const metadata = { ...(existing?.metadata ?? { namespace: NAMESPACE, name }), annotations };
    const object = {
      apiVersion: 'appconfig.dev/v1alpha1',
      kind: 'AppConfigBinding',
      ...existing,
      metadata,
      spec,
    };
    return existing
      ? this.cluster.admin.update(BINDINGS, object)
      : this.cluster.admin.create(BINDINGS, object);
  }

  async deleteBinding(name = 'orders'): Promise<void> {
    await this.cluster.admin.delete({ type: BINDINGS, namespace: NAMESPACE, name });
  }

  /** The default environment of the bindings; null for none. */
  async labelNamespace(environment: string | null): Promise<void> {
    const labels = { 'appconfig.dev/environment': environment };
    await this.cluster.admin.mergePatch({ type: NAMESPACES, name: NAMESPACE }, { metadata: { labels } });
  }

  /** As it was last set. */
  get namespaceEnvironment(): string | null {
    const namespace = this.cluster.read<KubernetesObject>({ type: NAMESPACES, name: NAMESPACE });
    return namespace?.metadata.labels?.['appconfig.dev/environment'] ?? null;
  }

  binding(name = 'orders'): AppConfigBinding | undefined {
    return this.cluster.read<AppConfigBinding & KubernetesObject>({
      type: BINDINGS,
      namespace: NAMESPACE,
      name,
    });
  }

  condition(type: string, name = 'orders') {
    return this.binding(name)?.status?.conditions?.find((condition) => condition.type === type);
  }

  configMap(name = 'orders-config'): (TargetObject & KubernetesObject) | undefined {
    return this.cluster.read({ type: CONFIG_MAPS, namespace: NAMESPACE, name });
  }

  secret(name = 'orders-secrets'): (TargetObject & KubernetesObject) | undefined {
    return this.cluster.read({ type: SECRETS, namespace: NAMESPACE, name });
  }

  /** The Secret's data as text. */
  secretData(name = 'orders-secrets'): Record<string, string> {
    const data = this.secret(name)?.data ?? {};
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
  }

  deployment(name: string): (Workload & KubernetesObject) | undefined {
    return this.cluster.read({ type: DEPLOYMENTS, namespace: NAMESPACE, name });
  }

  /** Runs until Ready is True for the current generation. */
  async untilReady(name = 'orders', limitMs = 600_000): Promise<void> {
    await this.until(() => {
      const ready = this.condition('Ready', name);
      return (
        ready?.status === 'True' && ready.observedGeneration === this.binding(name)?.metadata['generation']
      );
    }, limitMs);
  }

  async untilReason(reason: string, type = 'Ready', name = 'orders', limitMs = 600_000): Promise<void> {
    await this.until(() => this.condition(type, name)?.reason === reason, limitMs);
  }

  async until(condition: () => boolean, limitMs = 600_000): Promise<void> {
    try {
      await this.clock.runUntil(condition, limitMs);
    } catch (error) {
      const status = JSON.stringify(this.binding()?.status, null, 1);
      const lines = this.logger.lines.slice(-8).map((line) => JSON.stringify(line));
      throw new Error(`${String(error)}\nstatus: ${status}\nlog:\n${lines.join('\n')}`);
    }
  }

  /** A Deployment that reads the targets through envFrom, with its rollout complete. */
  async addDeployment(
    name: string,
    podSpec?: object,
    annotations: Record<string, string> = {},
  ): Promise<void> {
    const spec = podSpec ?? {
      containers: [
        {
          name: 'app',
          image: 'app',
          envFrom: [{ configMapRef: { name: 'orders-config' } }, { secretRef: { name: 'orders-secrets' } }],
        },
      ],
    };
    this.cluster.seed(DEPLOYMENTS, {
      metadata: { namespace: NAMESPACE, name, annotations },
      spec: { replicas: 1, template: { metadata: { labels: { app: name } }, spec } },
    } as KubernetesObject);
    await this.completeRollouts(name);
  }

  /** Does what the Deployment controller would do: the rollout completes at once. */
  async completeRollouts(name: string): Promise<void> {
    const ref = { type: DEPLOYMENTS, namespace: NAMESPACE, name };
    const generation = this.deployment(name)?.metadata.generation ?? 1;
    const status = { observedGeneration: generation, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };
    await this.cluster.admin.mergePatch(ref, { status }, { subresource: 'status' });
  }
}

/** A binding of one plain setting, color = blue, that is Ready. */
export async function synced(): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  await simulation.apply(baseSpec);
  simulation.start();
  await simulation.untilReady();
  return simulation;
}

function settingsOf(flags: readonly string[]): Settings {
  const parsed = parseSettings([`--namespace=${SYSTEM}`, '--leader-elect=false', ...flags], {});
  if (!parsed.ok) throw new Error(parsed.errors.join('\n'));
  return parsed.settings;
}
