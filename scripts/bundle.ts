/**
 * Bundles the operator for the image: `node scripts/bundle.ts [folder]`, default `dist`. Writes main.mjs, the chunks
 * it loads lazily, and the licences of everything inside; prints their sizes.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle/bundle.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const { files, packages } = await bundle({ root, outdir: resolve(process.argv[2] ?? `${root}dist`) });
for (const { path, bytes } of files)
  process.stdout.write(`${(bytes / 1024).toFixed(0).padStart(6)} KiB ${path}\n`);
process.stdout.write(`       licences of ${packages} packages\n`);
