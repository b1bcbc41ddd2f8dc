/**
 * A Go program that is built once and kept in a cache.
 *
 * Guarantees: the returned path is a complete binary of exactly these sources, flags and Go version; two processes
 * asking at once build once; an interrupted build leaves nothing that looks finished.
 * Assumptions: Linux, Go ≥ 1.26 on the PATH, a way to Go modules (GOPROXY) for the first build.
 * Failure: an Error whose message says what to install, or the compiler's last lines.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { compile } from './compile.ts';
import { buildKey, type SourceFile } from './key.ts';
import { takeLock } from './lock.ts';
import { elapsed, type Print } from './progress.ts';
import { findToolchain } from './toolchain.ts';

export interface GoProgram {
  /** Of the binary, and of its folder in the cache. */
  readonly name: string;
  /** For people: `The control plane`. */
  readonly title: string;
  /** Folder of its module. */
  readonly folder: string;
  readonly files: readonly SourceFile[];
  readonly flags: readonly string[];
  /** The package to build; default: the module's own. */
  readonly target?: string;
  /** Further names of the binary, beside it. */
  readonly links?: readonly string[];
  /** Printed before a build: what, and how long it takes. */
  readonly announcement: string;
}

export interface Builder {
  /** Environment of `go`; its APPCONFIG_CACHE_DIR decides where binaries are kept. */
  readonly env: NodeJS.ProcessEnv;
  readonly print: Print;
}

/** Path of the binary, building it first when the cache has none. */
export async function ensureBuilt(program: GoProgram, { env, print }: Builder): Promise<string> {
  const plan = await planBuild(program, env);
  if (existsSync(plan.binary)) return plan.binary;
  const release = await takeLock(plan.key, () => print('another process is building it, waiting'));
  try {
    // Whoever held the lock may have built it meanwhile.
    if (!existsSync(plan.binary)) await build(program, plan, env, print);
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
}

async function planBuild({ name, files, flags }: GoProgram, env: NodeJS.ProcessEnv): Promise<Plan> {
  const toolchain = await findToolchain({ ...env, GOTOOLCHAIN: 'local' });
  const key = buildKey({ files, flags, goVersion: toolchain.version, platform: toolchain.platform });
  const cache = join(cacheFolder(env), name);
  const folder = join(cache, key);
  return { key, cache, folder, binary: join(folder, name) };
}

/** APPCONFIG_CACHE_DIR, else `appconfig-operator` in the user's cache folder. */
function cacheFolder(env: NodeJS.ProcessEnv): string {
  return (
    env.APPCONFIG_CACHE_DIR || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'appconfig-operator')
  );
}

async function build(program: GoProgram, plan: Plan, env: NodeJS.ProcessEnv, print: Print): Promise<void> {
  const { name, title, flags, target = '.', links = [] } = program;
  const started = Date.now();
  print(program.announcement);
  await mkdir(plan.cache, { recursive: true });
  await removeLeftovers(plan);
  const draft = join(plan.cache, `${plan.key}.draft-${process.pid}`);
  await mkdir(draft);
  try {
    const output = join(draft, name);
    await compile({ title, folder: program.folder, flags, target, output, env }, print);
    await Promise.all(links.map((link) => symlink(name, join(draft, link))));
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
