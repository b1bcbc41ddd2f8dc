/**
 * Builds the image as `docker build` does, without an engine: buildah in a store of its own.
 *
 * Guarantees: everything is in one folder that is gone after `remove`, or when this process ends in any other way.
 * Assumptions: root, or whatever else lets buildah chroot.
 * Failure: a step that fails throws with the end of its output.
 */
import { cp, mkdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureControlPlane } from '../../../dev/cluster/build.ts';
import { makeFolder } from '../../../dev/cluster/folder.ts';
import { type BuildFolder, output, runLong } from './commands.ts';
import { npmMounts } from './npm-settings.ts';
import { ensureTools } from './tools.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const BASES = fileURLToPath(new URL('bases.Dockerfile', import.meta.url));

/** The part of an image's configuration that a container runtime uses. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd?: readonly string[] | null;
  readonly Labels: Readonly<Record<string, string>>;
  readonly WorkingDir: string;
}

export interface BuiltImage extends BuildFolder {
  readonly config: ImageConfig;
  /** The image's root filesystem, unpacked. */
  readonly rootfs: string;
  readonly remove: () => Promise<void>;
}

export async function buildImage(args: Readonly<Record<string, string>>): Promise<BuiltImage> {
  const binary = await ensureControlPlane();
  const folder = await makeFolder(binary, false);
  const builder = new Builder({ binary, dir: folder.path });
  try {
    await ensureTools(builder.place);
    await builder.makeBases();
    await builder.build(args);
    const config = await builder.config();
    return { ...builder.place, config, rootfs: await builder.mount(), remove: folder.remove };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

class Builder {
  readonly place: BuildFolder;
  readonly #store: readonly string[];

  constructor(place: BuildFolder) {
    this.place = place;
    // vfs is plain folders: it needs no mounts and leaves none behind.
    this.#store = [
      '--root',
      `${place.dir}/store`,
      '--runroot',
      `${place.dir}/run`,
      '--storage-driver',
      'vfs',
    ];
  }

  async makeBases(): Promise<void> {
    const context = join(this.place.dir, 'bases');
    await mkdir(context);
    await runLong(this.place, 'make a Debian root filesystem', [
      ...['mmdebstrap', '--variant=minbase', 'trixie', join(context, 'rootfs.tar')],
    ]);
    await cp(await realpath(process.execPath), join(context, 'node'));
    await cp(await npmFolder(), join(context, 'npm'), { recursive: true });
    for (const target of ['build', 'runtime'])
      await this.#build(`base-${target}`, ['--target', target, '--file', BASES, context]);
  }

  async build(args: Readonly<Record<string, string>>): Promise<void> {
    const all = { BUILD_IMAGE: 'localhost/base-build', RUNTIME_IMAGE: 'localhost/base-runtime', ...args };
    const buildArgs = Object.entries(all).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
    const mounts = await npmMounts(this.place.dir);
    const ignore = ['--ignorefile', join(REPOSITORY, '.dockerignore')];
    await this.#build('operator', [...buildArgs, ...mounts, ...ignore, REPOSITORY]);
  }

  #build(tag: string, args: readonly string[]): Promise<void> {
    const command = ['build', '--isolation', 'chroot', '--pull-never', '--tag', tag, ...args];
    return runLong(this.place, `build ${tag}`, ['buildah', ...this.#store, ...command]);
  }

  async config(): Promise<ImageConfig> {
    const inspected = JSON.parse(await this.#ask('inspect', '--type', 'image', 'operator'));
    return (inspected as { OCIv1: { config: ImageConfig } }).OCIv1.config;
  }

  async mount(): Promise<string> {
    const container = await this.#ask('from', '--pull-never', 'operator');
    return this.#ask('mount', container);
  }

  #ask(...args: string[]): Promise<string> {
    return output('buildah', [...this.#store, ...args]);
  }
}

/** The system's npm: the folder above `bin/npm-cli.js`. */
async function npmFolder(): Promise<string> {
  const command = await output('sh', ['-c', 'command -v npm']);
  return dirname(dirname(await realpath(command)));
}
