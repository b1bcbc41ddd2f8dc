/** How containers use ConfigMaps and Secrets through volumes. */
import type { Container, KeyItems, Volume, VolumeMount } from './workload.ts';

interface Used {
  readonly target: 'ConfigMap' | 'Secret';
  readonly name: string | undefined;
}

type MountedKeys =
  | { readonly keys: 'all' | readonly string[] }
  | { readonly keys: 'live'; readonly mounted: 'all' | readonly string[] };

/** One use of one object. `live`: the kubelet updates it in the running pod; `mounted` then tells the keys. */
export type Source = Used & MountedKeys;

/** What the volume mounts of `container` read. Volumes that no container mounts are not used. */
export function* mountedSources(container: Container, volumes: readonly Volume[]): Generator<Source> {
  for (const mount of container.volumeMounts ?? []) {
    const volume = volumes.find(({ name }) => name === mount.name);
    if (volume === undefined) continue;
    for (const { items, ...object } of objectsIn(volume)) yield { ...object, ...mountedKeys(mount, items) };
  }
}

type MountedObject = Used & { readonly items: KeyItems['items'] };

function* objectsIn(volume: Volume): Generator<MountedObject> {
  const { configMap, secret, projected } = volume;
  if (configMap) yield { target: 'ConfigMap', name: configMap.name, items: configMap.items };
  if (secret) yield { target: 'Secret', name: secret.secretName, items: secret.items };
  for (const source of projected?.sources ?? []) {
    if (source.configMap)
      yield { target: 'ConfigMap', name: source.configMap.name, items: source.configMap.items };
    if (source.secret) yield { target: 'Secret', name: source.secret.name, items: source.secret.items };
  }
}

function mountedKeys(mount: VolumeMount, items: KeyItems['items']): MountedKeys {
  const path = mount.subPath || mount.subPathExpr || '';
  const every = items?.map(({ key }) => key) ?? 'all';
  if (mount.subPathExpr?.includes('$(')) return { keys: every };
  const wanted = segments(path);
  if (wanted.length === 0) return { keys: 'live', mounted: every };
  // Keys hold no '/', so without items a longer path names nothing.
  if (items === undefined) return { keys: wanted.length === 1 ? wanted : [] };
  return { keys: items.filter(({ path: file }) => startsWith(segments(file), wanted)).map(({ key }) => key) };
}

const segments = (path: string): readonly string[] =>
  path.split('/').filter((segment) => segment !== '' && segment !== '.');

/** A subPath may also name a folder of the volume: everything below it is mounted. */
const startsWith = (path: readonly string[], prefix: readonly string[]): boolean =>
  prefix.every((segment, index) => path[index] === segment);
