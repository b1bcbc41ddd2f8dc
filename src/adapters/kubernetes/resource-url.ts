import type { ListOptions, ObjectRef, ResourceType, WatchOptions } from '../../ports/kubernetes.ts';

/** `/api/v1/namespaces/shop/configmaps/orders/status`; parts that are undefined are left out. */
export function resourcePath(
  type: ResourceType,
  namespace?: string,
  name?: string,
  subresource?: string,
): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = type.namespaced && namespace !== undefined ? ['namespaces', namespace] : [];
  const parts = [...scope, type.plural, name, subresource].filter((part) => part !== undefined);
  return [root, ...parts.map(encodeURIComponent)].join('/');
}

export function objectPath({ name, namespace, type }: ObjectRef, subresource?: string): string {
  // An empty name would turn a delete of one object into a delete of all.
  if (name === '') throw new Error('An object must have a name.');
  if (type.namespaced && !namespace) throw new Error(`A ${type.kind} must have a namespace.`);
  return resourcePath(type, namespace, name, subresource);
}

export function listQuery({ continueToken, fieldSelector, labelSelector, limit }: ListOptions): string {
  return query({ labelSelector, fieldSelector, limit: limit?.toString(), continue: continueToken });
}

export function watchQuery({ labelSelector, resourceVersion, timeoutSeconds }: WatchOptions): string {
  const fixed = { watch: 'true', allowWatchBookmarks: 'true' };
  return query({ ...fixed, labelSelector, resourceVersion, timeoutSeconds: String(timeoutSeconds) });
}

export const applyQuery = (fieldManager: string): string => query({ fieldManager });

function query(parameters: Record<string, string | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) search.set(name, value);
  return search.size === 0 ? '' : `?${search}`;
}
