/** What became of the pods of Deployments, told from the history of the cluster without the operator's own code. */
import type { KubernetesObject } from '../../../src/ports/kubernetes.ts';
import type { MemoryCluster } from '../memory-cluster/index.ts';

interface DeploymentObject extends KubernetesObject {
  readonly spec?: {
    readonly template?: {
      readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
    };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly { readonly reason?: string }[];
  };
}

/** Pods that were started with one template. */
interface Pods {
  /** What they read of the targets at their start; undefined: they wait for a target. */
  readonly read: string | undefined;
  /** Of others' starts the operator cannot know what was read, and restarts once in doubt. */
  readonly by: 'operator' | 'others';
}

export type Data = Readonly<Record<string, string>>;

export interface Restart {
  readonly name: string;
  readonly at: number;
  /** Bindings whose markers were set. */
  readonly bindings: readonly string[];
}

export interface Rules {
  /** What the pods of a Deployment read when they start. */
  readonly reads: (name: string, configMap: (name: string) => Data) => string;
  readonly minIntervalMs: number;
  readonly maxConcurrent: number;
}

const MARKER = 'rollout.appconfig.dev/';
/** Times of managedFields are whole seconds, and a story looks twice a second. */
const BLUR_MS = 1_500;

/**
 * Replays each change of the cluster against what always holds of restarts by the operator: only for content that the
 * pods have not read, only the marker, no sooner than the minimum interval, no more at a time than is allowed.
 */
export class TurnAudit {
  readonly restarts: Restart[] = [];
  /**
   * Workloads that several bindings use, once an operator died or a write was refused: who waited for whom is then
   * forgotten, and one restart may become two.
   */
  readonly mayDouble = new Set<string>();
  readonly #cluster: MemoryCluster;
  readonly #rules: Rules;
  readonly #configMaps = new Map<string, Data>();
  readonly #pods = new Map<string, Pods>();
  /** By workload: the bindings for which it moves, since the operator restarted it. */
  readonly #moving = new Map<string, readonly string[]>();
  /** Those that roll out, whoever began it. */
  readonly #rolling = new Set<string>();
  /** Those that stand still with what they were last given. */
  readonly #failed = new Set<string>();
  /** Those that move and of which the operator may know nothing: it died, and then others took its marker away. */
  readonly #forgotten = new Set<string>();
  readonly #managers = new Map<string, string>();
  readonly #now: () => number;
  #seen = 0;
  #logged = 0;

  constructor(cluster: MemoryCluster, now: () => number, rules: Rules) {
    this.#cluster = cluster;
    this.#now = now;
    this.#rules = rules;
  }

  /** Replays what happened since the last look. @throws when a rule was broken. */
  look(): void {
    for (const { resourceVersion, manager } of this.#cluster.log.slice(this.#logged))
      if (resourceVersion !== undefined) this.#managers.set(resourceVersion, manager);
    this.#logged = this.#cluster.log.length;
    for (const { type, old, object, resourceVersion } of this.#cluster.database.history.since(this.#seen)) {
      this.#seen = resourceVersion;
      if (object === undefined) continue;
      if (type.plural === 'configmaps') this.#written(object);
      if (type.plural === 'deployments') {
        const ours = this.#managers.get(String(resourceVersion)) === 'appconfig-operator';
        this.#changed(old as DeploymentObject | undefined, object as DeploymentObject, ours);
      }
    }
  }

  /** Deployments whose pods have read something else than they would read now. */
  outdated(): readonly string[] {
    return [...this.#pods].filter(([name, { read }]) => read !== this.#reads(name)).map(([name]) => name);
  }

  #written(configMap: KubernetesObject): void {
    const { data = {} } = configMap as { data?: Data };
    this.#configMaps.set(configMap.metadata.name, data);
    for (const [name, { read, by }] of this.#pods)
      if (read === undefined) this.#pods.set(name, { read: this.#reads(name), by });
  }

  #reads(name: string): string | undefined {
    let complete = true;
    const read = this.#rules.reads(name, (configMap) => {
      const data = this.#configMaps.get(configMap);
      complete &&= data !== undefined;
      return data ?? {};
    });
    return complete ? read : undefined;
  }

  #changed(old: DeploymentObject | undefined, object: DeploymentObject, ours: boolean): void {
    const { name, generation = 0 } = object.metadata;
    const { observedGeneration, availableReplicas = 0, conditions = [] } = object.status ?? {};
    const observed = observedGeneration === generation;
    if (observed && availableReplicas > 0)
      for (const those of [this.#moving, this.#rolling]) those.delete(name);
    const failed = observed && conditions.some(({ reason }) => reason === 'ProgressDeadlineExceeded');
    if (JSON.stringify(old?.spec?.template) !== JSON.stringify(object.spec?.template))
      this.#rolled(old, object, ours);
    if (failed) this.#failed.add(name);
    else this.#failed.delete(name);
  }

  /** What others edit while it moves moves on, even if it had failed. */
  #rolled(old: DeploymentObject | undefined, object: DeploymentObject, ours: boolean): void {
    const { name } = object.metadata;
    if (ours) this.#restarted(old, object);
    else if (this.mayDouble.size > 0 && changedMarkers(old, object).length > 0) this.#forgotten.add(name);
    this.#rolling.add(name);
    this.#pods.set(name, { read: this.#reads(name), by: ours ? 'operator' : 'others' });
  }

  #restarted(old: DeploymentObject | undefined, object: DeploymentObject): void {
    const { name } = object.metadata;
    const bindings = changedMarkers(old, object);
    const had = this.#pods.get(name);
    if (had?.by === 'operator' && had.read === this.#reads(name) && !this.mayDouble.has(name))
      throw new Error(`${name} was restarted although its pods had read the same`);
    const before = this.restarts.filter((restart) => restart.name === name).at(-1);
    const since = this.#now() - (before?.at ?? -Infinity);
    // Who brings an old template back takes the marker away, and with it the time of a restart not yet told.
    if (had?.by === 'operator' && since < this.#rules.minIntervalMs - BLUR_MS)
      throw new Error(`${name} was restarted again after ${since} ms`);
    this.#mayMove(name, bindings);
    this.restarts.push({ name, at: this.#now(), bindings });
    this.#moving.set(name, bindings);
    this.#forgotten.delete(name);
  }

  /**
   * One restart may be for several bindings: then it is not told whose turn it was. And what rolls out anyway needs no
   * place of its own.
   */
  #mayMove(name: string, bindings: readonly string[]): void {
    if (bindings.length !== 1 || (this.#rolling.has(name) && !this.#failed.has(name))) return;
    const counted = ([other, moves]: [string, readonly string[]]): boolean =>
      other !== name && moves.length === 1 && moves[0] === bindings[0];
    const known = (other: string): boolean => !this.#failed.has(other) && !this.#forgotten.has(other);
    const others = [...this.#moving]
      .filter(counted)
      .map(([other]) => other)
      .filter(known);
    if (others.length >= this.#rules.maxConcurrent)
      throw new Error(`${name} was restarted while ${others.join()} rolled out`);
  }
}

function changedMarkers(old: DeploymentObject | undefined, object: DeploymentObject): readonly string[] {
  const [before, after] = [old, object].map((one) => one?.spec?.template?.metadata?.annotations ?? {});
  return Object.keys({ ...before, ...after })
    .filter((name) => name.startsWith(MARKER) && before?.[name] !== after?.[name])
    .map((name) => name.slice(MARKER.length));
}
