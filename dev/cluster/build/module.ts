import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceFile } from './key.ts';

/** Folder of the Go module that is the control plane. */
export const moduleFolder: string = fileURLToPath(new URL('../controlplane/', import.meta.url));

/** Reads the Go files, go.mod and go.sum of the module; names are relative to its folder. */
export async function readModule(folder: string = moduleFolder): Promise<SourceFile[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) =>
    /\.go$|^go\.(mod|sum)$/.test(name),
  );
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })));
}

/** Version of a required module, e.g. `v1.36.4`; throws when go.mod does not name it. */
export function requiredVersion(goMod: string, module: string): string {
  const version = goMod
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find((words) => words[0] === module)?.[1];
  if (version === undefined) throw new Error(`go.mod requires no version of ${module}`);
  return version;
}

/**
 * Of every program. What a debugger would want is not made in the first place, a tenth of the build: nobody debugs these
 * binaries.
 */
export const COMMON_FLAGS: readonly string[] = [
  '-mod=readonly',
  '-buildvcs=false',
  '-trimpath',
  '-gcflags=all=-dwarf=false',
];

/**
 * Arguments of `go build`, without the output path.
 *
 * The versions must be set by the linker: otherwise the API server calls itself
 * `v0.0.0-master+$Format:%H$`, and a chart's `kubeVersion` refuses it.
 */
export function buildFlags(goMod: string): string[] {
  const kubernetes = requiredVersion(goMod, 'k8s.io/kubernetes');
  const [major = '', minor = ''] = kubernetes.replace('v', '').split('.');
  const variables = {
    'k8s.io/component-base/version.gitVersion': kubernetes,
    'k8s.io/component-base/version.gitMajor': major,
    'k8s.io/component-base/version.gitMinor': minor,
    'helm.sh/helm/v4/internal/version.version': requiredVersion(goMod, 'helm.sh/helm/v4'),
  };
  const settings = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  return [...COMMON_FLAGS, '-ldflags', `-s -w ${settings.join(' ')}`];
}
