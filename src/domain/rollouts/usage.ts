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

/** One object that the binding keeps equal to the store. */
export interface TargetName {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  /** What the binding keeps it for. Hashes know it by this: another name for the same content restarts nothing. */
  readonly role: string;
}

/** `'all'`: every key, also those to come. */
export type Keys = 'all' | readonly string[];

/** The keys of one target that are read. */
export interface Use {
  readonly role: string;
  readonly keys: Keys;
}

/**
 * `none`: the pods do not read the targets. `live`: only through volumes that the kubelet keeps up to date, so
 * no restart is needed. `keys`: a change of one of these keys reaches the pods only by a restart.
 */
export type Usage =
  | { readonly kind: 'none' }
  | { readonly kind: 'live' }
  | { readonly kind: 'keys'; readonly uses: readonly Use[] };

/**
 * How the pods of `workload`, init containers included, use `targets`. `volumesCount`: the application reads files
 * once, although the kubelet updates them.
 */
export function usageOf(
  workload: Pick<Workload, 'spec'>,
  targets: readonly TargetName[],
  { volumesCount }: { readonly volumesCount: boolean } = { volumesCount: false },
): Usage {
  const sources = [...sourcesOf(workload.spec?.template?.spec ?? {})].map((source) =>
    volumesCount && source.keys === 'live' ? { ...source, keys: source.mounted } : source,
  );
  const used = targets.map(({ kind, name, role }) => ({
    role,
    found: sources.filter((source) => source.target === kind && source.name === name),
  }));
  const uses = used
    .map(({ role, found }) => ({ role, keys: keysOf(found) }))
    .filter(({ keys }) => keys.length > 0)
    .sort((a, b) => (a.role < b.role ? -1 : 1));
  if (uses.length > 0) return { kind: 'keys', uses };
  return used.some(({ found }) => found.some(({ keys }) => keys === 'live'))
    ? { kind: 'live' }
    : { kind: 'none' };
}

/** 16 hex digits, equal for equal usages. It covers names of keys, no values, so it needs no key. */
export const usageHash = (usage: Usage): string =>
  createHash('sha256')
    .update(JSON.stringify(canonical(usage)))
    .digest('hex')
    .slice(0, 16);

const canonical = (usage: Usage): unknown =>
  usage.kind === 'keys' ? [usage.kind, usage.uses.map(({ role, keys }) => [role, keys])] : [usage.kind];

function keysOf(sources: readonly Source[]): Keys {
  const found = sources.map(({ keys }) => keys);
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
      yield { target: 'ConfigMap', name: configMapKeyRef.name, keys: [configMapKeyRef.key] };
    if (secretKeyRef) yield { target: 'Secret', name: secretKeyRef.name, keys: [secretKeyRef.key] };
  }
  // A prefix changes the names of the variables, not which keys they come from.
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef) yield { target: 'ConfigMap', name: configMapRef.name, keys: 'all' };
    if (secretRef) yield { target: 'Secret', name: secretRef.name, keys: 'all' };
  }
}
