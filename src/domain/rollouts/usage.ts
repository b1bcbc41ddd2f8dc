/**
 * Which keys of the targets a workload's pods read once, when they start.
 *
 * Guarantees: the answer is canonical (sorted, no duplicates), so equal usages are equal as JSON.
 * Assumptions: the kubelet updates plain volume mounts of ConfigMaps and Secrets in running pods, and never
 * environment variables or `subPath` mounts (documented behaviour of Kubernetes).
 * Failure: what cannot be known from the template (`subPathExpr` with a variable) counts as every key.
 */
import { createHash } from 'node:crypto';
import { mountedSources, type Source } from './mounts.ts';
import type { Container, PodSpec, Workload } from './workload.ts';

/** Names of the binding's targets; an absent one is not used by anything. */
export interface Targets {
  readonly configMap?: string;
  readonly secret?: string;
}

/** `'all'`: every key, also those to come. */
export type Keys = 'all' | readonly string[];

/**
 * `none`: the pods do not read the targets. `live`: only through volumes that the kubelet keeps up to date, so
 * no restart is needed. `keys`: a change of one of these keys reaches the pods only by a restart.
 */
export type Usage =
  | { readonly kind: 'none' }
  | { readonly kind: 'live' }
  | { readonly kind: 'keys'; readonly configMap: Keys; readonly secret: Keys };

/** How the pods of `workload`, init containers included, use `targets`. */
export function usageOf(workload: Pick<Workload, 'spec'>, targets: Targets): Usage {
  const pod = workload.spec?.template?.spec ?? {};
  const sources = [...sourcesOf(pod)].filter(
    ({ target, name }) => name !== undefined && name === targets[target],
  );
  const configMap = keysOf(sources, 'configMap');
  const secret = keysOf(sources, 'secret');
  if (configMap.length > 0 || secret.length > 0) return { kind: 'keys', configMap, secret };
  return sources.some(({ keys }) => keys === 'live') ? { kind: 'live' } : { kind: 'none' };
}

/** 16 hex digits, equal for equal usages. It covers names of keys, no values, so it needs no key. */
export const usageHash = (usage: Usage): string =>
  createHash('sha256')
    .update(JSON.stringify(canonical(usage)))
    .digest('hex')
    .slice(0, 16);

const canonical = (usage: Usage): unknown =>
  usage.kind === 'keys' ? [usage.kind, usage.configMap, usage.secret] : [usage.kind];

function keysOf(sources: readonly Source[], target: Source['target']): Keys {
  const found = sources.filter((source) => source.target === target).map(({ keys }) => keys);
  if (found.includes('all')) return 'all';
  return [...new Set(found.flatMap((keys) => (typeof keys === 'string' ? [] : keys)))].sort();
}

function* sourcesOf(pod: PodSpec): Generator<Source> {
  for (const container of [...(pod.initContainers ?? []), ...(pod.containers ?? [])]) {
    yield* environmentSources(container);
    yield* mountedSources(container, pod.volumes ?? []);
  }
}

function* environmentSources(container: Container): Generator<Source> {
  for (const { valueFrom } of container.env ?? []) {
    const { configMapKeyRef, secretKeyRef } = valueFrom ?? {};
    if (configMapKeyRef)
      yield { target: 'configMap', name: configMapKeyRef.name, keys: [configMapKeyRef.key] };
    if (secretKeyRef) yield { target: 'secret', name: secretKeyRef.name, keys: [secretKeyRef.key] };
  }
  // A prefix changes the names of the variables, not which keys they come from.
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef) yield { target: 'configMap', name: configMapRef.name, keys: 'all' };
    if (secretRef) yield { target: 'secret', name: secretRef.name, keys: 'all' };
  }
}
