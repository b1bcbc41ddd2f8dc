/**
 * The control plane's binary: built once, kept in a cache.
 *
 * Guarantees: the returned path is a complete binary of exactly these sources, flags and Go version;
 * two processes asking at once build once; an interrupted build leaves nothing that looks finished.
 * Assumptions: Linux, Go ≥ 1.26 on the PATH, a way to Go modules (GOPROXY) for the first build.
 * Failure: an Error whose message says what to install, or the compiler's last lines.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { compile } from './build/compile.ts';
import { buildKey } from './build/key.ts';
import { takeLock } from './build/lock.ts';
import { buildFlags, moduleFolder, readModule } from './build/module.ts';
import { elapsed, type Print } from './build/progress.ts';
import { findToolchain } from './build/toolchain.ts';

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
  const plan = await planBuild(env);
  if (existsSync(plan.binary)) return plan.binary;
  const release = await takeLock(plan.key, () => print('another process is building it, waiting'));
  try {
    // Whoever held the lock may have built it meanwhile.
    if (!existsSync(plan.binary)) await build(plan, env, print);
    return plan.binary;
  } finally {
    await release();
  }
}

interface Plan {
  readonly key: string;
  readonly cache: string;
  readonly folder: string;
  readonly binary: string;
  readonly flags: readonly string[];
}

async function planBuild(env: NodeJS.ProcessEnv): Promise<Plan> {
  const [files, toolchain] = await Promise.all([
    readModule(),
    findToolchain({ ...env, GOTOOLCHAIN: 'local' }),
  ]);
  const flags = buildFlags(files.find((file) => file.name === 'go.mod')?.text ?? '');
  const key = buildKey({ files, flags, goVersion: toolchain.version, platform: toolchain.platform });
  const cache = join(cacheFolder(env), 'controlplane');
  const folder = join(cache, key);
  return { key, cache, folder, binary: join(folder, 'controlplane'), flags };
}

/** APPCONFIG_CACHE_DIR, else `appconfig-operator` in the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return (
    env.APPCONFIG_CACHE_DIR || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'appconfig-operator')
  );
}

async function build(plan: Plan, env: NodeJS.ProcessEnv, print: Print): Promise<void> {
  const started = Date.now();
  print('building Kubernetes, etcd, kubectl and helm, once: 6 to 7 minutes on two cores');
  await mkdir(plan.cache, { recursive: true });
  await removeLeftovers(plan);
  const draft = join(plan.cache, `${plan.key}.draft-${process.pid}`);
  await mkdir(draft);
  try {
    const output = join(draft, 'controlplane');
    await compile({ folder: moduleFolder, flags: plan.flags, output, env }, print);
    await Promise.all(['kubectl', 'helm'].map((name) => symlink('controlplane', join(draft, name))));
    await rename(draft, plan.folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  print(`built in ${elapsed(started)}`);
}

/** Drafts of builds that were killed; safe, because only the holder of the lock builds this key. */
async function removeLeftovers(plan: Plan): Promise<void> {
  const drafts = (await readdir(plan.cache)).filter((name) => name.startsWith(`${plan.key}.draft-`));
  await Promise.all(drafts.map((name) => rm(join(plan.cache, name), { recursive: true, force: true })));
}
