/**
 * Runs the image's entrypoint as a container runtime would: in its root filesystem, read-only, as its user, with its
 * environment and nothing of ours. Network and process ids are shared with us.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type LocalProcess, startProcess } from '../../../dev/cluster/process.ts';
import type { BuiltImage } from './builder.ts';

export interface RunOptions {
  readonly name: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Folders of ours by their path in the container; read-only. */
  readonly mounts?: Readonly<Record<string, string>>;
}

export interface Container extends LocalProcess {
  readonly logFile: string;
}

/** The mounts live in a mount namespace that ends with the process. Each `exec` keeps the process id. */
const ENTER = `set -e
root=$1 user=$2; shift 2
mount --bind "$root" "$root"
mount --rbind /proc "$root/proc"
while [ "$1" != -- ]; do mount --bind "$1" "$root$2"; shift 2; done
shift
mount -o remount,bind,ro "$root"
exec "$(PATH="$PATH:/usr/sbin:/sbin" command -v chroot)" --userspec="$user" "$root" "$@"`;

/** Starts it; the entrypoint's program is looked up on the image's own PATH. */
export async function runContainer(image: BuiltImage, options: RunOptions): Promise<Container> {
  const { name, args = [], env = {}, mounts = {} } = options;
  const { config, rootfs, binary, dir } = image;
  // A container runtime makes mount points, too.
  for (const path of ['/proc', ...Object.keys(mounts)]) await mkdir(join(rootfs, path), { recursive: true });
  const folders = Object.entries(mounts).flatMap(([path, source]) => [source, path]);
  const command = [...config.Entrypoint, ...(config.Cmd ?? []), ...args];
  const logFile = join(dir, `${name}.log`);
  const child = startProcess({
    name,
    binary,
    argv: ['unshare', '--mount', 'sh', '-c', ENTER, 'sh', rootfs, config.User, ...folders, '--', ...command],
    env: { ...environment(config.Env), ...env },
    logFile,
    cwd: '/',
  });
  return { ...child, logFile };
}

const environment = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
