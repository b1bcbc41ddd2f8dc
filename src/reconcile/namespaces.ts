import { LABEL_ENVIRONMENT } from '../api/names.ts';
import { fail, ok, type Result } from '../domain/failure.ts';
import type { ObjectCache } from '../ports/cache.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubernetesObject, KubernetesResult, ObjectReader } from '../ports/kubernetes.ts';
import { NAMESPACE } from './kinds.ts';
import { kubernetesFailure } from './kubernetes-failures.ts';

/** How old a namespace that may not be watched gets before it is read again. */
export const NAMESPACE_AGE_MS = 60_000;

/** The environment that a namespace gives to bindings without `spec.environment`. */
export interface NamespaceEnvironments {
  of(namespace: string): Promise<Result<string | undefined>>;
}

interface Read {
  readonly at: number;
  readonly answer: Promise<KubernetesResult<KubernetesObject>>;
}

/**
 * Guarantees: a namespace that cannot be read is a failure, never "no environment", which would mean base values.
 * Without a watch, one GET per namespace at a time, shared, and its answer is used for {@link NAMESPACE_AGE_MS}.
 */
export class Namespaces implements NamespaceEnvironments {
  readonly #watched: ObjectCache<KubernetesObject> | undefined;
  readonly #kube: ObjectReader;
  readonly #clock: Clock;
  readonly #reads = new Map<string, Read>();

  /** @param watched absent where the rights allow no watch. */
  constructor(kube: ObjectReader, clock: Clock, watched?: ObjectCache<KubernetesObject>) {
    this.#watched = watched;
    this.#kube = kube;
    this.#clock = clock;
  }

  async of(namespace: string): Promise<Result<string | undefined>> {
    // The watch of bindings may be ahead of that of namespaces: one that is not known yet is asked for.
    const known = this.#watched?.get(namespace);
    if (known !== undefined) return ok(environmentOf(known));
    const read = await this.#read(namespace);
    if (read.ok) return ok(environmentOf(read.value));
    return fail(
      kubernetesFailure(read.error, `reading Namespace ${namespace} for its label ${LABEL_ENVIRONMENT}`),
    );
  }

  #read(name: string): Promise<KubernetesResult<KubernetesObject>> {
    const now = this.#clock.now();
    const known = this.#reads.get(name);
    if (known !== undefined && known.at <= now && now - known.at < NAMESPACE_AGE_MS) return known.answer;
    this.#prune(now);
    const answer = this.#kube.get({ type: NAMESPACE, name }, { metadataOnly: true });
    this.#reads.set(name, { at: now, answer });
    const drop = (): void => {
      if (this.#reads.get(name)?.answer === answer) this.#reads.delete(name);
    };
    // A failure, or a bug, is for those who wait, not for those who come later.
    answer.then(({ ok: worked }) => worked || drop(), drop);
    return answer;
  }

  /** Namespaces come and go. */
  #prune(now: number): void {
    for (const [name, { at }] of this.#reads) if (now - at >= NAMESPACE_AGE_MS) this.#reads.delete(name);
  }
}

/** An empty label is no environment. */
export const environmentOf = ({ metadata }: KubernetesObject): string | undefined =>
  metadata.labels?.[LABEL_ENVIRONMENT] || undefined;
