import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { checkFiles, writeFiles } from '../../../scripts/generate/files.ts';

const ROOT = new URL('../../../', import.meta.url);

describe('generated files', () => {
  it('are up to date', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/generate.ts', '--check'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(stderr).to.equal('');
    expect(status).to.equal(0);
  });

  it('hold the same CRD for kubectl and for helm', () => {
    const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8').split('\nspec:\n')[1] ?? '';
    const chart = read('charts/appconfig-operator/templates/crd.yaml');
    expect(chart).to.equal(`${read('crds/appconfigbindings.appconfig.dev.yaml')}{{- end }}\n`);
  });

  it('are written once, and reported by path and line when they differ', () => {
    const folder = mkdtempSync(join(tmpdir(), 'generated-'));
    const root = pathToFileURL(`${folder}/`);
    const files = [{ path: 'a/b.txt', content: 'one\ntwo\n' }];
    try {
      expect(checkFiles(root, files)).to.deep.equal(['a/b.txt: is missing']);
      expect(writeFiles(root, files)).to.deep.equal(['a/b.txt']);
      expect(writeFiles(root, files)).to.deep.equal([]);
      writeFileSync(join(folder, 'a/b.txt'), 'one\n2\n');
      expect(checkFiles(root, files)).to.deep.equal(['a/b.txt:2\n  - 2\n  + two']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
