/**
 * src/main.ts and all it imports as few small files.
 *
 * Guarantees: the same sources and packages give the same bytes; what is imported lazily stays in files of its own,
 * so that a pod never loads the kubeconfig reader (in one file, V8 parses it at every start: 15 MB and some 50 ms more)
 * or the logins of developers.
 * The thread that checks schemas has an entry of its own.
 * Failure: what esbuild warns about is an error; the folder may then be half written.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { licencesOf } from './licences.ts';
import { secondCopy, withoutCopy } from './second-copy.ts';

export interface BundleOptions {
  /** Folder of package.json. */
  readonly root: string;
  /** Emptied first. */
  readonly outdir: string;
}

export interface Bundled {
  /** Paths relative to `outdir`, largest first. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** How many packages have code in the bundle. */
  readonly packages: number;
}

export const LICENCES_FILE = 'THIRD-PARTY-LICENSES.txt';

// Bundled CommonJS packages call `require` for Node's own modules and read `__dirname`; an ES module has neither.
const COMMONJS_NAMES = [
  "import{createRequire as $require}from'node:module'",
  'const require=$require(import.meta.url),__filename=import.meta.filename,__dirname=import.meta.dirname',
].join(';');

export async function bundle({ root, outdir }: BundleOptions): Promise<Bundled> {
  await rm(outdir, { recursive: true, force: true });
  const outputs = await compile(root, outdir);
  const licences = await licencesOf(root, sources(outputs));
  await writeFile(join(outdir, LICENCES_FILE), licences.text);
  const files = Object.entries(outputs)
    .map(([path, { bytes }]) => ({ path: relative(outdir, join(root, path)), bytes }))
    .sort((a, b) => b.bytes - a.bytes);
  return { files, packages: licences.packages };
}

type Outputs = Metafile['outputs'];

async function compile(root: string, outdir: string): Promise<Outputs> {
  const { metafile, warnings } = await build({
    absWorkingDir: root,
    entryPoints: { main: 'src/main.ts', 'schema-worker': 'src/adapters/schema/worker.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    plugins: [secondCopy(root, '@azure/identity', /local-login\.ts$/)],
    // Identifiers stay, so that stack traces can be read: renaming them saves a third of the bytes and no memory
    // (84 MB resident after the start either way).
    minifyWhitespace: true,
    minifySyntax: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    banner: { js: COMMONJS_NAMES },
    // The licences file has them all, in full.
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  if (warnings.length > 0) throw new Error('esbuild warned; see above');
  return metafile.outputs;
}

/** The files whose code really is in the output; tree shaking leaves many out. */
function sources(outputs: Outputs): string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [withoutCopy(path)] : [],
    ),
  );
}
