import type {
  KubernetesObject,
  KubernetesResult,
  ListOptions,
  ObjectList,
  ResourceType,
} from '../../../src/ports/kubernetes.ts';
import type { Database } from './database.ts';
import { badRequest, expired, fail, ok } from './errors.ts';
import { rulesFor } from './kinds.ts';
import { labelMatcher } from './labels.ts';
import { partial } from './watching.ts';

/** The rest of a list that was begun at `resourceVersion`: later pages show the state of the first. */
export interface ListRest {
  readonly resourceVersion: number;
  readonly items: readonly KubernetesObject[];
}

/** A cluster that keeps the rests of lists. */
export interface PagedCluster {
  readonly database: Database;
  /** @returns its continue token. */
  keepList(rest: ListRest): string;
  keptList(token: string): ListRest | undefined;
}

export function listPage<T extends KubernetesObject>(
  cluster: PagedCluster,
  type: ResourceType,
  options: ListOptions,
): KubernetesResult<ObjectList<T>> {
  if (options.fieldSelector !== undefined) throw new Error('The memory cluster has no field selectors.');
  const rest =
    options.continueToken === undefined
      ? begin(cluster, type, options)
      : resume(cluster, options.continueToken);
  if (!rest.ok) return rest;
  const { items, resourceVersion } = rest.value;
  const limit = options.limit ?? items.length;
  const page = items.slice(0, limit) as T[];
  if (items.length <= limit) return ok({ items: page, resourceVersion: String(resourceVersion) });
  const continueToken = cluster.keepList({ resourceVersion, items: items.slice(limit) });
  return ok({ items: page, resourceVersion: String(resourceVersion), continueToken });
}

function begin(cluster: PagedCluster, type: ResourceType, options: ListOptions): KubernetesResult<ListRest> {
  const { builtIn } = rulesFor(type);
  const shape =
    options.metadataOnly === true ? partial : builtIn ? withoutType : (object: KubernetesObject) => object;
  const items = cluster.database
    .list(type, options.namespace)
    .filter(labelMatcher(options.labelSelector))
    .map(shape);
  return ok({ items, resourceVersion: cluster.database.history.current });
}

function resume(cluster: PagedCluster, token: string): KubernetesResult<ListRest> {
  const rest = cluster.keptList(token);
  if (rest === undefined) return fail(badRequest());
  return rest.resourceVersion < cluster.database.history.compacted ? fail(expired()) : ok(rest);
}

/** Items of built-in kinds carry neither apiVersion nor kind in a list. */
function withoutType({ apiVersion: _, kind: __, ...object }: KubernetesObject): KubernetesObject {
  return object;
}
