import type { KubernetesObject } from './kubernetes.ts';

/** What an informer knows at this moment; it may lag behind the API server, also behind our own writes. */
export interface ObjectCache<T extends KubernetesObject> {
  /** `key` is `namespace/name`, or the name alone for cluster-scoped kinds. */
  get(key: string): T | undefined;
  list(): readonly T[];
  byNamespace(namespace: string): readonly T[];
}
