import { LABEL_BINDING } from './api/names.ts';
import type { AppConfigBinding } from './api/schema.ts';
import type { SecretReader, SettingsReader } from './ports/azure.ts';
import type { Clock } from './ports/clock.ts';
import type { EventRecorder } from './ports/events.ts';
import type { KubernetesApi, KubernetesObject } from './ports/kubernetes.ts';
import type { Logger } from './ports/logger.ts';
import type { Metrics } from './ports/metrics.ts';
import type { Random } from './ports/random.ts';
import type { ReplicaFinder } from './ports/replicas.ts';
import type { SchemaValidator } from './ports/schemas.ts';
import { type Aside, schemasAside, secretsAside, settingsAside } from './reconcile/aside.ts';
import { CensusTaker } from './reconcile/census.ts';
import { SharedCredentialSecrets } from './reconcile/credential-secrets.ts';
import { BINDING, CONFIG_MAP, NAMESPACE, SERVICE_ACCOUNT } from './reconcile/kinds.ts';
import { Namespaces } from './reconcile/namespaces.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import { SharedHashKey } from './reconcile/shared-hash-key.ts';
import {
  bindingTrigger,
  configMapTrigger,
  namespaceTrigger,
  serviceAccountTrigger,
} from './reconcile/triggers.ts';
import { type Action, requeueAfter, retry } from './runtime/action.ts';
import { HeldBack } from './runtime/held-back.ts';
import { Informer, type InformerOptions, type ObjectSource } from './runtime/informer.ts';
import { InformerSet } from './runtime/informer-set.ts';
import { LeaderElection } from './runtime/leader-election.ts';
import { Manager } from './runtime/manager.ts';
import { WorkQueue } from './runtime/workqueue.ts';
import type { Settings } from './settings/settings.ts';
import { Gate } from './sources/gate.ts';
import { STORE, VAULT } from './sources/host-rules.ts';
import { ReplicaDirectory } from './sources/replica-directory.ts';
import { Selections } from './sources/selections.ts';
import { Vaults } from './sources/vaults.ts';

/** The outside world. In the cluster these are adapters; in simulations everything is in memory. */
export interface World {
  readonly kube: KubernetesApi;
  readonly azure: SettingsReader & SecretReader & ReplicaFinder;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly schemas: SchemaValidator;
  /** Unique among replicas: the holder of the Lease. */
  readonly identity: string;
}

/** The operator, wired: informers feed the queue, the queue runs the reconciler while this replica leads. */
export class Operator {
  readonly manager: Manager;
  readonly #world: World;
  readonly #settings: Settings;
  readonly #bindings: ObjectSource<AppConfigBinding>;
  readonly #configMaps: ObjectSource<KubernetesObject>;
  readonly #serviceAccounts: ObjectSource<KubernetesObject>;
  /** Absent under `watchNamespaces`: rights in a namespace allow to get it, not to watch it. */
  readonly #watchedNamespaces: ObjectSource<KubernetesObject> | undefined;
  readonly #namespaces: Namespaces;
  readonly #selections: Selections;
  readonly #vaults: Vaults;
  readonly #queue: WorkQueue;
  readonly #credentialSecrets: SharedCredentialSecrets;
  readonly #hashKey: SharedHashKey;
  readonly #census: CensusTaker;
  #reconciler: Reconciler | undefined;

  constructor(settings: Settings, world: World) {
    this.#settings = settings;
    this.#world = world;
    const { azure: reader, clock, random, logger, metrics } = world;
    const stores = new Gate({ clock, random, metrics, rules: STORE });
    const vaults = new Gate({ clock, random, metrics, rules: VAULT });
    const { storeSuffixes: suffixes } = settings;
    const directory = new ReplicaDirectory({ finder: reader, clock, random, logger, suffixes });
    this.#selections = new Selections({ reader, gate: stores, clock, metrics, logger, directory });
    this.#vaults = new Vaults({ reader, gate: vaults, clock });
    this.#configMaps = this.#watch({ type: CONFIG_MAP, metadataOnly: true, labelSelector: LABEL_BINDING });
    this.#serviceAccounts = this.#watch({ type: SERVICE_ACCOUNT, metadataOnly: true });
    const { bindingSelector: labelSelector } = settings;
    this.#bindings = this.#watch<AppConfigBinding & KubernetesObject>(
      { type: BINDING, ...(labelSelector === '' ? {} : { labelSelector }) },
      [this.#configMaps, this.#serviceAccounts],
    );
    if (settings.watchNamespaces.length === 0)
      this.#watchedNamespaces = this.#watch({ type: NAMESPACE, metadataOnly: true });
    this.#namespaces = new Namespaces(world.kube, clock, this.#watchedNamespaces);
    this.#credentialSecrets = new SharedCredentialSecrets(world.kube, clock);
    this.#census = new CensusTaker(metrics);
    this.#hashKey = new SharedHashKey(world.kube, clock);
    this.#queue = new WorkQueue({
      reconcile: (key, signal) => this.#reconcile(key, signal),
      concurrency: settings.concurrency,
      clock,
      random,
      metrics,
      onBug: (key, error) =>
        logger.error('Reconciling a binding failed unexpectedly.', { binding: key, error }),
    });
    this.#connectTriggers();
    this.manager = new Manager({
      informers: this.#informers(),
      queue: this.#queue,
      clock,
      logger,
      onLeading: () => this.#enqueueAll(),
      ...(settings.leaderElect ? { election: this.#election() } : {}),
    });
  }

  /** How all bindings are, what they ask of a store, and how old the copies of objects are, for the metrics. */
  measure(): void {
    const { metrics, clock } = this.#world;
    const bindings = this.#bindings.list();
    this.#census.count(bindings);
    const reads = this.manager.leads ? (this.#reconciler?.oldestRead(bindings) ?? clock.now()) : clock.now();
    metrics.set('last_success_age_seconds', {}, Math.max(0, clock.now() - reads) / 1000);
    metrics.set('store_requests_per_hour', {}, this.#selections.greatestDemand);
    for (const informer of this.#informers())
      metrics.set(
        'watch_last_activity_seconds',
        { resource: informer.type.plural },
        informer.lastActivity() / 1000,
      );
  }

  /**
   * One informer per served namespace, or one for the whole cluster. Of a namespace that is refused when work begins,
   * what it watches is shown only together with its `companions`; the whole cluster is waited for anyway.
   */
  #watch<T extends KubernetesObject>(
    what: Pick<InformerOptions<T>, 'type' | 'labelSelector' | 'metadataOnly'>,
    companions: readonly ObjectSource<KubernetesObject>[] = [],
  ): ObjectSource<T> {
    const { kube: api, clock, random, metrics, logger } = this.#world;
    const { watchNamespaces } = this.#settings;
    const options = { ...what, api, clock, random, metrics, logger };
    if (watchNamespaces.length === 0) return new Informer<T>(options);
    const one = (namespace: string): ObjectSource<T> =>
      new HeldBack(
        new Informer<T>({ ...options, namespace }),
        companions.map((companion) => companion.within(namespace)),
      );
    return new InformerSet(new Map(watchNamespaces.map((namespace) => [namespace, one(namespace)])));
  }

  #informers(): readonly ObjectSource<KubernetesObject>[] {
    const namespaced = [this.#bindings, this.#configMaps, this.#serviceAccounts];
    return this.#watchedNamespaces === undefined ? namespaced : [...namespaced, this.#watchedNamespaces];
  }

  #connectTriggers(): void {
    // Who stands by looks at all bindings once he leads, and at none that is gone by then.
    const enqueue = (key: string): void => {
      if (this.manager.leads) this.#queue.add(key);
      else if (this.#bindings.get(key) === undefined) this.#selections.unsubscribe(key);
    };
    this.#bindings.addHandler(bindingTrigger(enqueue, (key) => this.#reconciler?.bindingSeen(key)));
    this.#configMaps.addHandler(
      configMapTrigger(enqueue, (key, configMap) => this.#reconciler?.configMapGone(key, configMap)),
    );
    this.#serviceAccounts.addHandler(
      serviceAccountTrigger(enqueue, (namespace) => this.#bindings.byNamespace(namespace)),
    );
    this.#watchedNamespaces?.addHandler(
      namespaceTrigger(enqueue, (namespace) => this.#bindings.byNamespace(namespace)),
    );
    this.#selections.onChange((keys) => keys.forEach(enqueue));
  }

  #election(): LeaderElection {
    const { kube: api, clock, random, metrics, logger, identity } = this.#world;
    const { namespace, leaseName: name } = this.#settings;
    return new LeaderElection({ api, namespace, name, identity, clock, random, metrics, logger });
  }

  /** Another leader may have been at work: everything is looked at once. */
  #enqueueAll(): void {
    // With an election it is the election that knows.
    if (!this.#settings.leaderElect) this.#world.metrics.set('leader', {}, 1);
    // The hash key may have been made anew, too; what was remembered is of the time before.
    this.#reconciler = undefined;
    for (const { metadata } of this.#bindings.list())
      this.#queue.add(`${metadata.namespace ?? ''}/${metadata.name}`);
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<Action> {
    const { clock, metrics } = this.#world;
    const startedAt = clock.now();
    const reconciler = await this.#ready(signal);
    const action = reconciler instanceof Reconciler ? await reconciler.reconcile(key, signal) : reconciler;
    metrics.increment('reconcile_total', { outcome: action.kind });
    metrics.observe('reconcile_duration_seconds', { outcome: action.kind }, (clock.now() - startedAt) / 1000);
    return action;
  }

  /** The reconciler, once the hash key is known; until then, when to ask again. */
  async #ready(signal: AbortSignal): Promise<Reconciler | Action> {
    if (this.#reconciler !== undefined) return this.#reconciler;
    const { logger } = this.#world;
    const { namespace, keySecretName: name } = this.#settings;
    const key = await this.#hashKey.load({ namespace, name, signal });
    if (!key.ok) {
      if ('message' in key.failure)
        logger.warn('The hash key is not available yet.', { why: key.failure.message });
      return key.failure.kind === 'throttled' ? requeueAfter(key.failure.retryAfterMs) : retry;
    }
    const aside: Aside = (waiting, work) => this.#queue.aside(waiting, work);
    this.#reconciler ??= new Reconciler({
      ...this.#world,
      bindings: this.#bindings,
      configMaps: this.#configMaps,
      serviceAccounts: this.#serviceAccounts,
      namespaces: this.#namespaces,
      credentialSecrets: this.#credentialSecrets,
      settingsSource: settingsAside(this.#selections, aside),
      secretsSource: secretsAside(this.#vaults, aside),
      schemas: schemasAside(this.#world.schemas, aside),
      hashKey: key.value,
      wake: (binding) => this.#queue.add(binding),
      settings: {
        tenantId: this.#settings.tenantId,
        localIdentity: this.#settings.localIdentity,
        cloud: this.#settings.cloud,
        storeSuffixes: this.#settings.storeSuffixes,
        vaultSuffixes: this.#settings.vaultSuffixes,
        allowedVaults: this.#settings.allowedVaults,
        allowManagedIdentities: this.#settings.allowManagedIdentities,
        azureProxy: this.#settings.azureProxy !== undefined,
        driftIntervalMs: this.#settings.driftIntervalMs,
        rolloutsEnabled: this.#settings.rolloutsEnabled,
        rolloutsDryRun: this.#settings.rolloutsDryRun,
        rolloutsPerNamespace: this.#settings.rolloutsPerNamespace,
        rolloutsPerCluster: this.#settings.rolloutsPerCluster,
        storeRequestBudget: this.#settings.storeRequestBudget,
      },
    });
    return this.#reconciler;
  }
}
