/** The history of a cluster, replayed change by change against the rules that always hold. */
import type { Workload } from '../../../src/domain/rollouts/workload.ts';
import type { KubernetesObject, ObjectRef } from '../../../src/ports/kubernetes.ts';
import type { MemoryCluster, WriteRecord } from '../memory-cluster/index.ts';
import { read } from './deployments.ts';
import { CANARY } from './steps.ts';

type Target = KubernetesObject & { readonly data?: Record<string, string> };

/** What the pods of a Deployment were started with. */
interface Pods {
  uid: string;
  /** Undefined: they could not start yet. */
  read: string | undefined;
  /** UIDs of the targets that it was read from. */
  from: string;
  /** The operator started them. Of what others started it cannot know more than times, and restarts once in doubt. */
  ours: boolean;
}

const MARKER = 'rollout.appconfig.dev/';
const ENCODED = Buffer.from(CANARY.slice(0, 6)).toString('base64');

export class Audit {
  readonly #cluster: MemoryCluster;
  readonly #current = new Map<string, Target>();
  readonly pods = new Map<string, Pods>();
  /** Objects that someone else made under the name of a target, by UID. */
  readonly squatters = new Map<string, { readonly uid: string; readonly ref: ObjectRef }>();
  /** Someone edited a target: what is in it is then no measure. */
  tampered = false;
  /** The store or the spec gave reason for an empty ConfigMap. */
  mayEmpty = false;
  /** Nothing but values and faults changed since the beginning. */
  sameReferences = true;
  keyLost = false;
  /** What a workload uses changed: the operator cannot know what its pods had read, and restarts in doubt. */
  mayDoubt = false;
  /** Two operators at once end in the same state, but may restart once more on the way there. */
  rivals = false;
  restarts = 0;
  #seen = 0;
  #logged = 0;
  #byVersion = new Map<string, WriteRecord>();
  #resting: string | undefined;

  constructor(cluster: MemoryCluster) {
    this.#cluster = cluster;
  }

  /** From now on nothing may be written for `binding`. */
  mustRest(binding: string): void {
    this.look();
    this.#resting = binding;
  }

  mayWork(): void {
    this.#resting = undefined;
  }

  /** Replays what happened since the last look. @throws when a rule was broken. */
  look(): void {
    const log = this.#cluster.log.slice(this.#logged);
    this.#logged += log.length;
    for (const record of log) this.#judgeWrite(record);
    for (const { type, old, object, resourceVersion } of this.#cluster.database.history.since(this.#seen)) {
      this.#seen = resourceVersion;
      const name = `${type.plural}/${(object ?? old)?.metadata.namespace}/${(object ?? old)?.metadata.name}`;
      const author = this.#byVersion.get(String(resourceVersion));
      const ours = author?.manager === 'appconfig-operator';
      if (ours && old && this.squatters.has(old.metadata.uid ?? ''))
        throw new Error(`${name} is someone else's and was written`);
      if (ours && type.plural === 'secrets') this.#judgeSecret(name, old, object);
      if (object === undefined) this.#current.delete(name);
      else this.#current.set(name, object);
      if (type.plural === 'deployments') this.#deployed(name, old, object, ours);
      if (type.plural === 'configmaps' || type.plural === 'secrets') this.#startWaiting();
      if (type.plural !== 'secrets') leakFree(object, name);
    }
  }

  /** Deployments whose pods run with something else than they would read now. */
  outdated(): string[] {
    if (this.keyLost) return [];
    return [...this.pods].flatMap(([name, { read: had, from }]) => {
      const now = this.#reads(name);
      const isNew = from !== this.#sources();
      return had === undefined || now === undefined || had === now || isNew ? [] : [name];
    });
  }

  #judgeWrite(record: WriteRecord): void {
    if (record.resourceVersion !== undefined && record.changed)
      this.#byVersion.set(record.resourceVersion, record);
    if (record.manager !== 'appconfig-operator') return;
    const { verb, resource, name, changed } = record;
    if (changed && resource === 'configmaps' && verb === 'update' && isEmpty(record.body) && !this.mayEmpty)
      throw new Error(`ConfigMap ${name} was emptied`);
    const resting = this.#resting === 'orders' && /^(orders|other)/.test(name ?? '');
    if (resting && changed && resource !== 'deployments')
      throw new Error(`${verb} ${resource}/${name} for a binding that is being deleted`);
  }

  /** A Secret that lost keys while its references stayed the same lost them to a failed read. */
  #judgeSecret(name: string, old: Target | undefined, object: Target | undefined): void {
    if (old === undefined || object === undefined || this.tampered) return;
    const before = referencesOf(old);
    const after = referencesOf(object);
    for (const key of Object.keys(before))
      if (after[key] === undefined && this.sameReferences)
        throw new Error(`${name} lost ${key}, whose reference is still there`);
  }

  #deployed(
    name: string,
    old: KubernetesObject | undefined,
    object: KubernetesObject | undefined,
    ours: boolean,
  ): void {
    if (object === undefined) {
      this.pods.delete(name);
      return;
    }
    const [before, after] = [templateOf(old), templateOf(object)];
    if (before === after) return;
    const now = this.#reads(name);
    const pods = this.pods.get(name);
    if (ours) {
      this.restarts += 1;
      if (!onlyMarker(old, object)) throw new Error(`${name} was changed beyond its marker`);
      if (
        !this.rivals &&
        !this.keyLost &&
        !this.mayDoubt &&
        pods?.ours === true &&
        pods.read !== undefined &&
        pods.read === now &&
        pods.from === this.#sources()
      )
        throw new Error(`${name} was restarted although its pods had read the same`);
    }
    this.pods.set(name, { uid: object.metadata.uid ?? '', read: now, from: this.#sources(), ours });
  }

  /** Pods that waited for a target start when it appears. */
  #startWaiting(): void {
    for (const [name, pods] of this.pods) {
      if (pods.read !== undefined) continue;
      pods.read = this.#reads(name);
      pods.from = this.#sources();
    }
  }

  #target = (name: string): Target | undefined => this.#current.get(name);
  #sources(): string {
    const uid = (name: string) => this.#target(name)?.metadata.uid ?? '';
    return `${uid('configmaps/shop/orders-config')} ${uid('secrets/shop/orders-secrets')}`;
  }

  #reads(name: string): string | undefined {
    const deployment = this.#current.get(name) as (Workload & KubernetesObject) | undefined;
    const [configMap, secret] = ['configmaps/shop/orders-config', 'secrets/shop/orders-secrets'].map(
      this.#target,
    );
    if (deployment === undefined || configMap === undefined || secret === undefined) return undefined;
    return read(deployment, configMap.data ?? {}, secret.data ?? {});
  }
}

/** @throws when a secret's value, or its base64 form, is in `value`. */
export function leakFree(value: unknown, where: string): void {
  const text = JSON.stringify(value) ?? '';
  if (text.includes(CANARY) || text.includes(ENCODED)) throw new Error(`a value of a secret is in ${where}`);
}

const isEmpty = (body: object | undefined): boolean =>
  Object.keys((body as { data?: object } | undefined)?.data ?? {}).length === 0;

function referencesOf({ metadata }: Target): Record<string, string> {
  const text = metadata.annotations?.['appconfig.dev/references'] ?? '{}';
  const entries = Object.entries(JSON.parse(text) as Record<string, string[]>);
  return Object.fromEntries(entries.map(([key, [uri = '']]) => [key, uri]));
}

const templateOf = (object: KubernetesObject | undefined): string =>
  JSON.stringify((object as (Workload & KubernetesObject) | undefined)?.spec?.template ?? null);

function onlyMarker(old: KubernetesObject | undefined, object: KubernetesObject): boolean {
  const bare = (of: KubernetesObject | undefined) => {
    const template = (of as (Workload & KubernetesObject) | undefined)?.spec?.template;
    const annotations = Object.entries(template?.metadata?.annotations ?? {}).filter(
      ([name]) => !name.startsWith(MARKER),
    );
    return JSON.stringify([{ ...template?.metadata, annotations }, template?.spec]);
  };
  return bare(old) === bare(object);
}
