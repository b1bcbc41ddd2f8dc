import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

/** What a rule of the house objects to in these sources, by path, in a copy of the house without content. */
function objections(rule: string, sources: readonly (readonly [path: string, source: string])[]): string[] {
  const house = mkdtempSync(join(tmpdir(), 'dependency-rule-'));
  try {
    copyFileSync('biome.json', join(house, 'biome.json'));
    for (const [path, source] of sources) {
      mkdirSync(dirname(join(house, path)), { recursive: true });
      writeFileSync(join(house, path), source);
    }
    const args = ['lint', '--vcs-enabled=false', '--max-diagnostics=none', '--reporter=github', '.'];
    const { stdout } = spawnSync('biome', args, { cwd: house, encoding: 'utf8' });
    return stdout.split('\n').filter((line) => line.includes(rule));
  } finally {
    rmSync(house, { recursive: true });
  }
}

const importing = (imported: string): string =>
  `import type { Thing } from '${imported}';\n\nexport type Alias = Thing;\n`;

/** Lints files that would stand at these paths; those objected to. */
function objectedTo(files: readonly (readonly [file: string, imported: string])[]): ReadonlySet<string> {
  const paths = files.map(([file], index) => file.replace('x.ts', `x${index}.ts`));
  const sources = files.map(([, imported], index) => [paths[index] ?? '', importing(imported)] as const);
  const lines = objections('noRestrictedImports', sources);
  return new Set(
    paths.flatMap((path, index) => (lines.some((line) => line.includes(path)) ? [keyOf(files[index])] : [])),
  );
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
  let refused: ReadonlySet<string>;
  before(() => {
    refused = objectedTo([...FORBIDDEN, ...ALLOWED]);
  });

  for (const pair of FORBIDDEN) {
    it(`bites when ${keyOf(pair)}`, () => expect(refused.has(keyOf(pair))).to.equal(true));
  }

  for (const pair of ALLOWED) {
    it(`is content when ${keyOf(pair)}`, () => expect(refused.has(keyOf(pair))).to.equal(false));
  }

  it('covers every room of src', () => {
    const rooms = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const ruled = new Set([...FORBIDDEN, ...ALLOWED].map(([file]) => file.split('/')[1]));
    expect(rooms.map(({ name }) => name).filter((name) => !ruled.has(name))).to.deep.equal([]);
  });
});

describe('the rule against circles', function () {
  this.timeout(60_000);

  it('bites where files import each other, though types only', () => {
    const circle = [
      ['src/domain/a.ts', importing('./b.ts')],
      ['src/domain/b.ts', importing('./status/c.ts')],
      ['src/domain/status/c.ts', importing('../a.ts')],
    ] as const;
    const lines = objections('noImportCycles', circle);
    for (const [path] of circle) expect(lines.filter((line) => line.includes(path))).to.have.length(1);
  });

  it('is content with a line of imports', () => {
    const line = [
      ['src/domain/a.ts', importing('./b.ts')],
      ['src/domain/b.ts', importing('./c.ts')],
      ['src/domain/c.ts', 'export type Thing = string;\n'],
    ] as const;
    expect(objections('noImportCycles', line)).to.deep.equal([]);
  });
});
