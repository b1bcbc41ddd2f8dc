import type { KubernetesObject } from '../ports/kubernetes.ts';

/** `namespace/name`, or `name` for cluster-scoped objects: the key of stores and queues. */
export function objectKey(object: KubernetesObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The inverse of `objectKey`. */
export function splitKey(key: string): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf('/');
  if (slash < 0) return { namespace: undefined, name: key };
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** What changed for one key; `old` is the object as it was stored before. */
export type Change<T> =
  | { readonly kind: 'added'; readonly object: T }
  | { readonly kind: 'updated'; readonly old: T; readonly object: T }
  | { readonly kind: 'deleted'; readonly object: T };

/** Objects by key, indexed by namespace. */
export class ObjectStore<T extends KubernetesObject> {
  readonly #namespaces = new Map<string, Map<string, T>>();

  get(key: string): T | undefined {
    const { namespace, name } = splitKey(key);
    return this.#namespaces.get(namespace ?? '')?.get(name);
  }

  list(): T[] {
    return [...this.#namespaces.values()].flatMap((objects) => [...objects.values()]);
  }

  byNamespace(namespace: string): T[] {
    return [...(this.#namespaces.get(namespace)?.values() ?? [])];
  }

  /** Stores `object`; no change when this very version is stored already. Another UID is another object. */
  put(object: T): Change<T>[] {
    const { namespace = '', name, uid, resourceVersion } = object.metadata;
    const objects = this.#namespaces.get(namespace) ?? new Map<string, T>();
    this.#namespaces.set(namespace, objects);
    const old = objects.get(name);
    objects.set(name, object);
    if (old === undefined) return [{ kind: 'added', object }];
    if (old.metadata.uid !== uid) return [deleted(old), { kind: 'added', object }];
    if (resourceVersion !== undefined && resourceVersion === old.metadata.resourceVersion) return [];
    return [{ kind: 'updated', old, object }];
  }

  /** Removes the object of that name, if there is one. */
  remove(object: KubernetesObject): Change<T>[] {
    const { namespace = '', name } = object.metadata;
    const objects = this.#namespaces.get(namespace);
    const old = objects?.get(name);
    if (objects === undefined || old === undefined) return [];
    objects.delete(name);
    if (objects.size === 0) this.#namespaces.delete(namespace);
    return [deleted(old)];
  }

  /** Makes the content equal to a complete list; whatever is missing there was deleted unseen. */
  replace(objects: readonly T[]): Change<T>[] {
    const listed = new Set(objects.map(objectKey));
    const gone = this.list().filter((object) => !listed.has(objectKey(object)));
    return [
      ...gone.flatMap((object) => this.remove(object)),
      ...objects.flatMap((object) => this.put(object)),
    ];
  }
}

const deleted = <T>(object: T): Change<T> => ({ kind: 'deleted', object });
