/**
 * The volumes of a pod, as folders.
 *
 * Guarantees: files appear whole (written aside, then renamed); only this user can read them.
 * Assumptions: content is written once, when the pod starts; unlike a kubelet's, it does not follow later
 * changes of a ConfigMap or Secret. Tokens are renewed (token.ts).
 * Failure: a missing, not optional source throws with the words a kubelet would use.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ApiClient } from '../api.ts';
import { type Place, podField } from './fields.ts';
import type { MountedFolder } from './paths.ts';
import { type Content, requireContent } from './sources.ts';
import type { TokenKeeper } from './token.ts';
import type { Container, Pod, Volume, VolumeSource } from './types.ts';

/** What volumes are made from. */
export interface VolumeContext {
  readonly api: ApiClient;
  readonly pod: Pod;
  readonly place: Place;
  /** Folder that will hold one folder per volume. */
  readonly folder: string;
  readonly tokens: TokenKeeper;
}

/** Makes all volumes of the pod. */
export async function makeVolumes(context: VolumeContext): Promise<void> {
  for (const volume of context.pod.spec.volumes ?? []) {
    const folder = join(context.folder, volume.name);
    await mkdir(folder, { recursive: true });
    for (const source of sourcesOf(volume)) await fill(folder, source, context);
  }
}

/** The folders that stand for a container's mounts. */
export function mountsOf(container: Container, folder: string): MountedFolder[] {
  return (container.volumeMounts ?? []).map(({ name, mountPath, subPath }) => ({
    mountPath,
    folder: subPath === undefined ? join(folder, name) : join(folder, name, subPath),
  }));
}

function sourcesOf(volume: Volume): readonly VolumeSource[] {
  const { projected, emptyDir, name, ...source } = volume;
  if (projected !== undefined) return projected.sources ?? [];
  if (emptyDir !== undefined) return [];
  const known = ['configMap', 'secret', 'downwardAPI'].some((key) => key in source);
  if (!known) throw new Error(`the pod runner knows no volume like ${name}: ${Object.keys(source).join()}`);
  return [source];
}

async function fill(folder: string, source: VolumeSource, context: VolumeContext): Promise<void> {
  const { api, pod, place, tokens } = context;
  const { namespace } = pod.metadata;
  if (source.configMap !== undefined) {
    const content = await requireContent(api, 'configmaps', namespace, source.configMap);
    await writeItems(folder, content, source.configMap.items);
  }
  if (source.secret !== undefined) {
    const name = source.secret.secretName ?? source.secret.name ?? '';
    const content = await requireContent(api, 'secrets', namespace, { ...source.secret, name });
    await writeItems(folder, content, source.secret.items);
  }
  for (const { path, fieldRef } of source.downwardAPI?.items ?? []) {
    if (fieldRef !== undefined)
      await writeWhole(join(folder, path), podField(pod, place, fieldRef.fieldPath));
  }
  if (source.serviceAccountToken !== undefined) {
    const file = join(folder, source.serviceAccountToken.path);
    await tokens.keep(source.serviceAccountToken, (token) => writeWhole(file, token));
  }
}

async function writeItems(
  folder: string,
  content: Content,
  items: readonly { readonly key: string; readonly path: string }[] = Object.keys(content).map((key) => ({
    key,
    path: key,
  })),
): Promise<void> {
  for (const { key, path } of items) {
    const value = content[key];
    if (value === undefined) throw new Error(`references non-existent config key: ${key}`);
    await writeWhole(join(folder, path), value);
  }
}

async function writeWhole(file: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, content, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
