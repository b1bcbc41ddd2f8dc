/**
 * The control plane's binary: built once, kept in a cache (`build/cached.ts`).
 */
import { ensureBuilt } from './build/cached.ts';
import { buildFlags, moduleFolder, readModule } from './build/module.ts';
import type { Print } from './build/progress.ts';

/** What tests replace. */
export interface BuildOptions {
  /** Environment of `go`; its APPCONFIG_CACHE_DIR decides where the binary is kept. */
  readonly env?: NodeJS.ProcessEnv;
  readonly print?: Print;
}

/**
 * Path of the control plane's binary, building it first when the cache has none (6 to 7 minutes on two
 * cores, 150 MB). Beside it lie `kubectl` and `helm`, links to the same binary.
 */
export async function ensureControlPlane(options: BuildOptions = {}): Promise<string> {
  const env = options.env ?? process.env;
  const print = options.print ?? ((line) => process.stderr.write(`[control plane] ${line}\n`));
  const files = await readModule();
  const program = {
    name: 'controlplane',
    title: 'The control plane',
    folder: moduleFolder,
    files,
    flags: buildFlags(files.find((file) => file.name === 'go.mod')?.text ?? ''),
    links: ['kubectl', 'helm'],
    announcement: 'building Kubernetes, etcd, kubectl and helm, once: 6 to 7 minutes on two cores',
  };
  return ensureBuilt(program, { env, print });
}
