import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

/** Lints files that would stand at these paths, in a copy of the house without content; those objected to. */
function objectedTo(files: readonly (readonly [file: string, imported: string])[]): ReadonlySet<string> {
  const house = mkdtempSync(join(tmpdir(), 'dependency-rule-'));
  try {
    copyFileSync('biome.json', join(house, 'biome.json'));
    const paths = files.map(([file, imported], index) => {
      const path = file.replace('x.ts', `x${index}.ts`);
      mkdirSync(dirname(join(house, path)), { recursive: true });
      const source = `import type { Thing } from '${imported}';\n\nexport type Alias = Thing;\n`;
      writeFileSync(join(house, path), source);
      return path;
    });
    const args = ['lint', '--vcs-enabled=false', '--max-diagnostics=none', '--reporter=github', '.'];
    const { stdout } = spawnSync('biome', args, { cwd: house, encoding: 'utf8' });
    const lines = stdout.split('\n').filter((line) => line.includes('noRestrictedImports'));
    return new Set(
      paths.flatMap((path, index) =>
        lines.some((line) => line.includes(path)) ? [keyOf(files[index])] : [],
      ),
    );
  } finally {
    rmSync(house, { recursive: true });
  }
}

const keyOf = (pair: readonly [string, string] | undefined): string => (pair ?? []).join(' imports ');

const FORBIDDEN: readonly (readonly [file: string, imported: string])[] = [
  ['src/api/x.ts', '../domain/plan.ts'],
  ['src/domain/x.ts', '../ports/clock.ts'],
  ['src/domain/status/x.ts', '../../sources/gate.ts'],
  ['src/domain/x.ts', '@azure/identity'],
  ['src/settings/x.ts', '../adapters/azure/azure.ts'],
  ['src/ports/x.ts', '../adapters/azure/azure.ts'],
  ['src/runtime/x.ts', '../domain/failure.ts'],
  ['src/runtime/x.ts', '@kubernetes/client-node'],
  ['src/sources/x.ts', '../adapters/azure/azure.ts'],
  ['src/sources/x.ts', '@azure/app-configuration'],
  ['src/reconcile/steps/x.ts', '../../sources/selections.ts'],
  ['src/reconcile/x.ts', '../adapters/kubernetes/api.ts'],
  ['src/adapters/azure/x.ts', '../kubernetes/api.ts'],
  ['src/adapters/kubernetes/x.ts', '../azure/azure.ts'],
  ['src/adapters/kubernetes/x.ts', '@azure/identity'],
  ['src/adapters/observability/x.ts', '../../reconcile/reconciler.ts'],
];

const ALLOWED: readonly (readonly [file: string, imported: string])[] = [
  ['src/domain/x.ts', '../api/names.ts'],
  ['src/settings/x.ts', '../domain/clouds.ts'],
  ['src/ports/x.ts', '../domain/failure.ts'],
  ['src/runtime/x.ts', '../ports/clock.ts'],
  ['src/sources/x.ts', '../ports/azure.ts'],
  ['src/reconcile/x.ts', '../runtime/action.ts'],
  ['src/adapters/azure/x.ts', '@azure/identity'],
  ['src/adapters/kubernetes/x.ts', '@kubernetes/client-node/dist/config.js'],
];

describe('the dependency rule', function () {
  this.timeout(60_000);
  let objections: ReadonlySet<string>;
  before(() => {
    objections = objectedTo([...FORBIDDEN, ...ALLOWED]);
  });

  for (const pair of FORBIDDEN) {
    it(`bites when ${keyOf(pair)}`, () => expect(objections.has(keyOf(pair))).to.equal(true));
  }

  for (const pair of ALLOWED) {
    it(`is content when ${keyOf(pair)}`, () => expect(objections.has(keyOf(pair))).to.equal(false));
  }

  it('covers every room of src', () => {
    const rooms = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const ruled = new Set([...FORBIDDEN, ...ALLOWED].map(([file]) => file.split('/')[1]));
    expect(rooms.map(({ name }) => name).filter((name) => !ruled.has(name))).to.deep.equal([]);
  });
});
