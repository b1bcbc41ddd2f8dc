/**
 * A small Kubernetes API server in memory, behind the operator's own port, for simulations and unit tests.
 *
 * Guarantees: what it does, it does as a real 1.36 API server: one contract suite runs on both. Resource versions,
 * generations, preconditions, status subresource, merge patches, namespaces, label selectors, metadata-only reads,
 * paging, watches with bookmarks and 410, owner references. Everything is deterministic, UIDs too.
 *
 * What it does not do: kinds outside `kinds.ts` and field selectors (it throws); admission, RBAC, schemas, CEL,
 * defaulting and pruning (the integration tests on a real server are for those); server-side apply and JSON patch (not
 * in the port); controllers: no rollout ever progresses unless a test writes the status; namespaces stay terminating
 * until `finishNamespace`; finalizers are honoured, but new ones are not refused while an object is being deleted;
 * events never expire; garbage is collected at once, not eventually; ownership in managedFields is coarse.
 */
import type { Clock } from '../../../src/ports/clock.ts';
import type { KubernetesObject, ObjectRef, ResourceType } from '../../../src/ports/kubernetes.ts';
import { type ClientOptions, MemoryClient } from './client.ts';
import { Database } from './database.ts';
import type { WriteRecord } from './faults.ts';
import { NAMESPACES } from './kinds.ts';
import type { ListRest } from './paging.ts';
import type { WatchControl } from './watching.ts';

export class MemoryCluster {
  readonly clock: Clock;
  readonly database: Database;
  /** Every write that reached the cluster, refused ones too, in order. */
  readonly log: WriteRecord[] = [];
  readonly watches: WatchControl = { silent: false, closed: 0 };
  /** A client for the test itself: it writes as `kubectl` and nothing happens to its calls. */
  readonly admin: MemoryClient;
  readonly #lists = new Map<string, ListRest>();

  /** Holds the namespace `default`, and those given. */
  constructor(clock: Clock, namespaces: readonly string[] = []) {
    this.clock = clock;
    this.database = new Database(() => clock.now());
    this.admin = this.client({ manager: 'kubectl' });
    for (const name of new Set(['default', ...namespaces])) this.addNamespace(name);
  }

  /** A client for one process. */
  client(options: ClientOptions = {}): MemoryClient {
    return new MemoryClient(this, options);
  }

  addNamespace(name: string, labels: Readonly<Record<string, string>> = {}): void {
    const metadata = { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } };
    this.seed(NAMESPACES, { metadata });
  }

  /** Creates an object without a trace in the log. @throws when the cluster refuses it. */
  seed<T extends KubernetesObject>(type: ResourceType, object: T): KubernetesObject {
    const result = this.database.create(type, object, { manager: 'kubectl' });
    if (!result.ok) throw new Error(`The memory cluster refused the object: ${JSON.stringify(result.error)}`);
    return result.value;
  }

  /** A copy of an object as it is stored. */
  read<T extends KubernetesObject>(ref: ObjectRef): T | undefined {
    return this.database.get(ref) as T | undefined;
  }

  /** The writes that changed something, of one manager. */
  changes(manager = 'appconfig-operator'): WriteRecord[] {
    return this.log.filter((record) => record.changed && record.manager === manager);
  }

  /** Makes watches and list continuations from before now answer 410. */
  compact(): void {
    this.database.history.compact();
  }

  /** The server ends every open watch, as it does after their timeout. */
  closeWatches(): void {
    this.watches.closed += 1;
    this.database.history.wake();
  }

  /** Open watches go silent for good; those opened after `silent` is off again work. */
  silenceWatches(silent: boolean): void {
    this.watches.silent = silent;
    this.database.history.wake();
  }

  /** Ends the termination of a deleted namespace. */
  finishNamespace(name: string): void {
    this.database.finishNamespace(name);
  }

  /** Keeps the rest of a paged list. @returns its continue token. */
  keepList(rest: ListRest): string {
    const token = `list-${this.#lists.size}`;
    this.#lists.set(token, rest);
    return token;
  }

  keptList(token: string): ListRest | undefined {
    return this.#lists.get(token);
  }
}
