/**
 * Runs the test suites one after the other and adds up what mocha counted: `npm test [suite…]`.
 * The fast ones come first; from `contract` on a real control plane is started (and built once, with progress).
 */
import { ensureControlPlane } from '../dev/cluster/build.ts';
import { type Ran, run } from './run.ts';

interface Suite {
  readonly name: string;
  /** Needs the control plane. */
  readonly cluster: boolean;
  readonly args: readonly string[];
}

const glob = (folder: string): string => `test/${folder}/**/*.test.ts`;
const suite = (name: string, cluster: boolean, ...args: string[]): Suite => ({
  name,
  cluster,
  args: [...args, glob(name)],
});

const SUITES: readonly Suite[] = [
  suite('unit', false),
  suite('simulation', false),
  suite('contract', true, '--timeout', '120000'),
  suite('integration', true, '--timeout', '180000'),
  suite('faults', true, '--timeout', '180000'),
  suite('chart', true, '--timeout', '180000'),
];
/** Needs more than Node and Go (buildah), so it runs only when it is named. */
const EXTRA: readonly Suite[] = [suite('image', true, '--timeout', '900000')];

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Mocha's own closing lines; a suite that ended without them has failed, whatever it printed. */
function countsOf({ output, code }: Ran): Counts {
  const count = (word: string): number =>
    Number(new RegExp(`^\\s+(\\d+) ${word}\\b`, 'm').exec(output)?.[1] ?? 0);
  const counts = { passed: count('passing'), failed: count('failing'), skipped: count('pending') };
  const broken = code !== 0 && counts.failed === 0;
  const empty = counts.passed + counts.failed === 0;
  return broken || empty ? { ...counts, failed: Math.max(counts.failed, 1) } : counts;
}

/** What mocha says of the tests that failed, to be read at the end, where the output of other suites does not hide it. */
function failuresOf({ output }: Ran): string {
  const start = output.search(/^\s+\d+ failing\b/m);
  return start < 0 ? '' : output.slice(start).trim();
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => ![...SUITES, ...EXTRA].some((known) => known.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `no such suite: ${unknown.join(', ')}; there are ${[...SUITES, ...EXTRA].map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(2);
}
const suites =
  chosen.length === 0 ? SUITES : [...SUITES, ...EXTRA].filter(({ name }) => chosen.includes(name));
if (suites.some(({ cluster }) => cluster)) await ensureControlPlane();

const totals = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];
const failures: string[] = [];
for (const { name, args } of suites) {
  process.stdout.write(`\n=== ${name} ===\n`);
  const ran = await run('mocha', args);
  const counts = countsOf(ran);
  totals.passed += counts.passed;
  totals.failed += counts.failed;
  totals.skipped += counts.skipped;
  lines.push(`${name}: ${counts.passed} passed, ${counts.failed} failed in ${ran.seconds} s`);
  if (counts.failed > 0) failures.push(`--- failed in ${name} ---\n${failuresOf(ran)}\n--- end ---`);
}
for (const failure of failures) process.stdout.write(`\n${failure}\n`);
process.stdout.write(`\n${lines.join('\n')}\n`);
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${skipped}\n`);
process.exitCode = totals.failed === 0 ? 0 : 1;
