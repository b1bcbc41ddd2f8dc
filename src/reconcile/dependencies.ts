import type { AppConfigBinding } from '../api/schema.ts';
import type { CloudName } from '../domain/clouds.ts';
import type { Result } from '../domain/failure.ts';
import type { Identity, TokenIdentity } from '../domain/identity/identity.ts';
import type { HashKey } from '../domain/keyed-hash.ts';
import type { RequestEstimate } from '../domain/request-budget.ts';
import type { LiveJob } from '../domain/rollouts/job.ts';
import type { SecretReference } from '../domain/secrets/secret.ts';
import type { Selection, Setting } from '../domain/store/settings.ts';
import type { Archived, ListAnswer, PageTags, SecretAnswer } from '../ports/azure.ts';
import type { ObjectCache } from '../ports/cache.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventRecorder } from '../ports/events.ts';
import type { KubernetesObject, ObjectReader, ObjectWriter } from '../ports/kubernetes.ts';
import type { Logger } from '../ports/logger.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Random } from '../ports/random.ts';
import type { SchemaValidator } from '../ports/schemas.ts';
import type { CredentialSecrets } from './credential-secrets.ts';
import type { Listings } from './listings.ts';
import type { NamespaceEnvironments } from './namespaces.ts';
import type { RolloutDesk } from './rollout-desk.ts';
import type { ListedWorkload } from './workload-lists.ts';

/** What a selection holds, and the ETags it belongs to. */
export interface Content {
  readonly tags: PageTags;
  readonly settings: readonly Setting[];
  readonly archived?: Archived;
}

/** Times are milliseconds since the epoch. */
export interface Seen {
  readonly tags: PageTags;
  /** When the request that saw them began. */
  readonly observedAt: number;
  /** When they were first known, so by when the store held what they stand for. */
  readonly since: number;
}

/** Shared reading of App Configuration, as a binding needs it (implemented by `sources/selections.ts`). */
export interface SettingsSource {
  subscribe(subscriber: string, selections: readonly Selection[], intervalMs: number): void;
  unsubscribe(subscriber: string): void;
  /** What all subscribers together ask of the store at `host`, in requests per hour, while nothing changes. */
  demand(host: string): RequestEstimate;
  /** The pages' ETags as this identity may see them, at most `maxAgeMs` old and not from before `notBefore`. */
  observe(
    selection: Selection,
    identity: Identity,
    options: {
      readonly maxAgeMs: number;
      readonly notBefore?: number;
      readonly signal: AbortSignal;
      readonly subscriberKey: string;
    },
  ): Promise<Result<Seen>>;
  content(
    selection: Selection,
    identity: Identity,
    options: { readonly signal: AbortSignal; readonly subscriberKey: string },
  ): Promise<Result<Content>>;
}

/** Shared reading of Key Vault (implemented by `sources/vaults.ts`). */
export interface SecretsSource {
  /**
   * One answer for each distinct reference, by `referenceUri`; none to a request that began before `oldest`
   * (milliseconds since the epoch; Infinity: before this call). The requests that this call makes carry `requestId`;
   * answers tell the id of theirs.
   */
  read(
    references: readonly SecretReference[],
    identity: TokenIdentity,
    options: { readonly signal: AbortSignal; readonly oldest: number; readonly requestId: string },
  ): Promise<ReadonlyMap<string, SecretAnswer>>;
  /** What the vault holds, without values; `options` as in `read`. */
  list(
    vault: string,
    identity: TokenIdentity,
    options: { readonly signal: AbortSignal; readonly oldest: number; readonly requestId: string },
  ): Promise<ListAnswer>;
}

export interface ReconcileSettings {
  /** Tenant of ServiceAccounts that name none; '' for none. */
  readonly tenantId: string;
  /** Everything is read as whoever runs the operator, outside of clusters. */
  readonly localIdentity: boolean;
  /** The one that stores and vaults lie in. */
  readonly cloud: CloudName;
  readonly storeSuffixes: readonly string[];
  readonly vaultSuffixes: readonly string[];
  /** Patterns of hosts that may be read at all; empty: any. */
  readonly allowedVaults: readonly string[];
  /** Whether bindings may read as identities of the node. */
  readonly allowManagedIdentities: boolean;
  /** Whether there is a proxy for AKS identity bindings. */
  readonly azureProxy: boolean;
  readonly driftIntervalMs: number;
  readonly rolloutsEnabled: boolean;
  readonly rolloutsDryRun: boolean;
  /** Rollouts at a time; 0: no limit. */
  readonly rolloutsPerNamespace: number;
  readonly rolloutsPerCluster: number;
  /** Requests per hour and store; 0: without a limit. */
  readonly storeRequestBudget: number;
}

/** Everything a reconcile may touch. */
export interface Dependencies {
  readonly kube: ObjectReader & ObjectWriter;
  readonly bindings: ObjectCache<AppConfigBinding>;
  /** Metadata only, of ConfigMaps that carry the binding label. */
  readonly configMaps: ObjectCache<KubernetesObject>;
  /** Metadata only. */
  readonly serviceAccounts: ObjectCache<KubernetesObject>;
  /** Of identities, shared by all bindings. */
  readonly credentialSecrets: CredentialSecrets;
  readonly namespaces: NamespaceEnvironments;
  /** Of workloads, shared by the bindings of a namespace. */
  readonly listings: Listings<ListedWorkload>;
  /** The same of Jobs and CronJobs. */
  readonly jobs: Listings<LiveJob>;
  /** Of restarts, where the bindings agree on them. */
  readonly desk: RolloutDesk;
  readonly settingsSource: SettingsSource;
  readonly secretsSource: SecretsSource;
  readonly schemas: SchemaValidator;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly hashKey: HashKey;
  /** Has a binding reconciled soon. */
  readonly wake: (key: string) => void;
  readonly settings: ReconcileSettings;
}
