/**
 * Gives a module of ours a copy of its own of a package, in the chunk that is loaded lazily with it.
 *
 * Where two chunks import from one barrel file (`@azure/identity`), esbuild puts whatever either takes from it into a
 * chunk of both: a pod would load at its start what only a laptop needs. The copy costs some bytes on disk.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const COPY = 'copy';

/** Paths in the metafile as if there were no copy. */
export const withoutCopy = (path: string): string => path.replace(/^copy:/, '');

export const secondCopy = (root: string, packageName: string, importer: RegExp): Plugin => ({
  name: 'second-copy',
  setup(build) {
    const copied = (path: string) => ({ path: relative(root, path), namespace: COPY, sideEffects: false });
    build.onResolve({ filter: new RegExp(`^${packageName}$`) }, (args) =>
      importer.test(args.importer) ? copied(fileURLToPath(import.meta.resolve(packageName))) : undefined,
    );
    build.onResolve({ filter: /^\./, namespace: COPY }, ({ resolveDir, path }) =>
      copied(resolve(resolveDir, path)),
    );
    build.onLoad({ filter: /./, namespace: COPY }, async ({ path }) => ({
      contents: await readFile(join(root, path), 'utf8'),
      loader: 'js',
      resolveDir: dirname(join(root, path)),
    }));
  },
});
