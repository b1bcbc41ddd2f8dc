/**
 * Runs the test suites one after the other and adds up what mocha counted: `npm test [suite…]`.
 * The fast ones come first; from `contract` on a real control plane is started (and built once, with progress).
 * Suites that mostly wait run as two processes side by side, each with half of the files and a cluster of its own.
 */
import { globSync } from 'node:fs';
import { ensureControlPlane } from '../dev/cluster/build.ts';
import { type Ran, run } from './run.ts';

interface Suite {
  readonly name: string;
  /** Needs the control plane. */
  readonly cluster: boolean;
  /** Processes that share its files. */
  readonly lanes: number;
  /** For each test, unless it says otherwise. */
  readonly timeoutMs: number;
}

const MINUTE = 60_000;

const SUITES: readonly Suite[] = [
  { name: 'unit', cluster: false, lanes: 2, timeoutMs: MINUTE },
  { name: 'simulation', cluster: false, lanes: 2, timeoutMs: MINUTE },
  { name: 'contract', cluster: true, lanes: 1, timeoutMs: 2 * MINUTE },
  { name: 'integration', cluster: true, lanes: 2, timeoutMs: 3 * MINUTE },
  { name: 'faults', cluster: true, lanes: 1, timeoutMs: 3 * MINUTE },
  { name: 'chart', cluster: true, lanes: 1, timeoutMs: 3 * MINUTE },
];
/** Needs more than Node and Go (buildah), so it runs only when it is named. */
const EXTRA: readonly Suite[] = [{ name: 'image', cluster: true, lanes: 1, timeoutMs: 15 * MINUTE }];

/** The files of a suite, dealt out in turn. */
function hands({ name, lanes }: Suite): readonly (readonly string[])[] {
  const files = globSync(`test/${name}/**/*.test.ts`).sort();
  return Array.from({ length: lanes }, (_, lane) => files.filter((_file, index) => index % lanes === lane));
}

/** What each process of the suite said. */
function ranOf(suite: Suite): Promise<readonly Ran[]> {
  const args = ['--timeout', String(suite.timeoutMs)];
  return Promise.all(
    hands(suite).map((files, lane) =>
      run('mocha', [...args, ...files], suite.lanes === 1 ? '' : `${lane + 1}| `),
    ),
  );
}

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

const added = (one: Counts, other: Counts): Counts => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  skipped: one.skipped + other.skipped,
});

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

let totals: Counts = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];
const failures: string[] = [];
for (const suite of suites) {
  process.stdout.write(`\n=== ${suite.name} ===\n`);
  const lanes = await ranOf(suite);
  const counts = lanes.map(countsOf).reduce(added);
  totals = added(totals, counts);
  const seconds = Math.max(...lanes.map((lane) => lane.seconds));
  lines.push(`${suite.name}: ${counts.passed} passed, ${counts.failed} failed in ${seconds} s`);
  const told = lanes.map(failuresOf).filter((text) => text !== '');
  if (counts.failed > 0) failures.push(`--- failed in ${suite.name} ---\n${told.join('\n\n')}\n--- end ---`);
}
for (const failure of failures) process.stdout.write(`\n${failure}\n`);
process.stdout.write(`\n${lines.join('\n')}\n`);
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${skipped}\n`);
process.exitCode = totals.failed === 0 ? 0 : 1;
