import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Bundled, bundle, LICENCES_FILE } from '../../scripts/bundle/bundle.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('the bundle', () => {
  let folder: string;
  let bundled: Bundled;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bundle-'));
    bundled = await bundle({ root, outdir: join(folder, 'one') });
  });
  after(() => rm(folder, { recursive: true }));

  const text = (path: string): Promise<string> => readFile(join(folder, path), 'utf8');
  const filesIn = async (path: string): Promise<string[]> =>
    (await readdir(join(folder, path), { recursive: true })).sort();

  it('is the same, byte for byte, when it is made again', async () => {
    await bundle({ root, outdir: join(folder, 'two') });
    expect(await filesIn('two')).to.deep.equal(await filesIn('one'));
    for (const { path } of [...bundled.files, { path: LICENCES_FILE }])
      expect(await text(`two/${path}`), path).to.equal(await text(`one/${path}`));
  });

  /** Code that a pod loads at its start. */
  async function eager(): Promise<string> {
    const main = await text('one/main.mjs');
    const chunks = [...main.matchAll(/\bfrom"\.\/(chunks\/[^"]+)"/g)].map(([, path]) => text(`one/${path}`));
    return [main, ...(await Promise.all(chunks))].join('\n');
  }

  it('keeps what only a laptop needs in files that a pod does not load', async () => {
    const loaded = await eager();
    const all = (await Promise.all(bundled.files.map(({ path }) => text(`one/${path}`)))).join('\n');
    for (const name of ['KubeConfig', 'LocalLogin', 'AzureCliCredential', 'VisualStudioCodeCredential']) {
      const definition = new RegExp(`\\b(class ${name}|${name}=class)\\b`);
      expect(all, name).to.match(definition);
      expect(loaded, name).not.to.match(definition);
    }
  });

  it('keeps the check of schemas in a file that only its thread loads', async () => {
    expect(bundled.files.map(({ path }) => path)).to.include('schema-worker.mjs');
    expect(await text('one/schema-worker.mjs')).to.contain('unevaluatedProperties');
    expect(await text('one/main.mjs')).not.to.contain('unevaluatedProperties');
  });

  it('needs no package beside it', async () => {
    for (const { path } of bundled.files) {
      const code = await text(`one/${path}`);
      const imported = [...code.matchAll(/^import[^;]*? ?from"([^"]+)"/gm)].map(([, from = '']) => from);
      for (const from of imported) expect(from, path).to.match(/^(node:|\.\.?\/|[a-z_]+(\/promises)?$)/);
    }
  });

  it('keeps the names of functions, so that stack traces can be read', async () => {
    expect(await text('one/main.mjs')).to.contain('function parseSettings(');
  });

  it('comes with the licence of every package whose code is in it', async () => {
    const licences = await text(`one/${LICENCES_FILE}`);
    expect(bundled.packages).to.be.greaterThan(50);
    for (const name of ['@azure/identity', '@kubernetes/client-node', 'winston', 'zod'])
      expect(licences).to.match(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(.+\\)$`, 'm'));
    expect(licences).not.to.contain('undefined');
  });
});
