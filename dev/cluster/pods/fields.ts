import type { Pod } from './types.ts';

/** Where a pod runs. */
export interface Place {
  readonly nodeName: string;
  readonly podIp: string;
  readonly hostIp: string;
}

/**
 * Value of a downward API field path, e.g. `metadata.name` or `metadata.labels['app']`.
 * Throws on a path that the real kubelet would refuse, or that is not supported here.
 */
export function podField(pod: Pod, place: Place, path: string): string {
  const { metadata, spec } = pod;
  const [, map, key] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  if (map === 'labels' || map === 'annotations') return metadata[map]?.[key ?? ''] ?? '';
  const values: Record<string, string> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'metadata.labels': lines(metadata.labels),
    'metadata.annotations': lines(metadata.annotations),
    'spec.nodeName': place.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName ?? 'default',
    'status.podIP': place.podIp,
    'status.podIPs': place.podIp,
    'status.hostIP': place.hostIp,
    'status.hostIPs': place.hostIp,
  };
  const value = values[path];
  if (value === undefined) throw new Error(`the pod runner knows no field ${path}`);
  return value;
}

/** As downward API volumes write maps: `key="value"` lines, sorted. */
function lines(map: Readonly<Record<string, string>> = {}): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n');
}
