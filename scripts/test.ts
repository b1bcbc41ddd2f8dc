/**
 * Runs the test suites and adds up what mocha counted: `npm test [suite…]`, or `npm test all`.
 * Most tests wait more than they work. So several processes run side by side, on two cores, too, and long suites are
 * dealt out to several of them, each with a cluster of its own. The fast suites come first; beside them, what the others
 * need is built, once, with progress.
 */
import { globSync } from 'node:fs';
import PQueue from 'p-queue';
import { ensureControlPlane } from '../dev/cluster/build.ts';
import { ensurePromtool } from '../dev/promtool/promtool.ts';
import { ensureRanges } from '../dev/promtool/ranges.ts';
import { added, type Counts, countsOf, failuresOf, NOTHING } from './counts.ts';
import { type Ran, run } from './run.ts';

interface Suite {
  readonly name: string;
  /** Needs the control plane. */
  readonly cluster: boolean;
  /** Processes that its files are dealt out to. */
  readonly parts: number;
  /** For each test, unless it says otherwise. */
  readonly timeoutMs: number;
}

const MINUTE = 60_000;
const SIDE_BY_SIDE = 4;

/** In this order: what fails fast comes first, and then what lasts longest. */
const SUITES: readonly Suite[] = [
  { name: 'unit', cluster: false, parts: 2, timeoutMs: MINUTE },
  { name: 'simulation', cluster: false, parts: 3, timeoutMs: MINUTE },
  { name: 'faults', cluster: true, parts: 2, timeoutMs: 3 * MINUTE },
  { name: 'integration', cluster: true, parts: 6, timeoutMs: 3 * MINUTE },
  { name: 'chart', cluster: true, parts: 1, timeoutMs: 3 * MINUTE },
  { name: 'contract', cluster: true, parts: 1, timeoutMs: 2 * MINUTE },
];
/** Needs more than Node and Go (buildah), so it runs only when it is named, or everything is. */
const EXTRA: readonly Suite[] = [{ name: 'image', cluster: true, parts: 1, timeoutMs: 15 * MINUTE }];
const EVERYTHING = 'all';

/** The files of a suite, dealt out in turn. The last hand comes first: of the long suite it is the longest. */
function hands({ name, parts }: Suite): readonly (readonly string[])[] {
  const files = globSync(`test/${name}/**/*.test.ts`).sort();
  const dealt = Array.from({ length: parts }, (_, part) => files.filter((_file, i) => i % parts === part));
  return dealt.reverse();
}

/** Queues a suite, and resolves with what it said. */
async function ranOf(suite: Suite, queue: PQueue): Promise<readonly Ran[]> {
  const args = ['--timeout', String(suite.timeoutMs)];
  const parts = hands(suite).map((files, part) => {
    const mark = suite.parts === 1 ? suite.name : `${suite.name} ${part + 1}`;
    return queue.add(() => run('mocha', [...args, ...files], `${mark}| `));
  });
  return Promise.all(parts);
}

interface Verdict {
  readonly line: string;
  readonly counts: Counts;
  /** What mocha says of the tests that failed. */
  readonly failures: string;
}

function verdictOf({ name }: Suite, parts: readonly Ran[]): Verdict {
  const counts = parts.map(countsOf).reduce(added);
  const seconds = parts.map((part) => part.seconds).join(' and ');
  const line = `${name}: ${counts.passed} passed, ${counts.failed} failed in ${seconds} s`;
  const told = parts.map(failuresOf).filter((text) => text !== '');
  const failures = counts.failed === 0 ? '' : `--- failed in ${name} ---\n${told.join('\n\n')}\n--- end ---`;
  return { line, counts, failures };
}

/** Runs suites side by side. */
async function judge(suites: readonly Suite[]): Promise<readonly Verdict[]> {
  const queue = new PQueue({ concurrency: SIDE_BY_SIDE });
  return Promise.all(suites.map(async (suite) => verdictOf(suite, await ranOf(suite, queue))));
}

function chosen(names: readonly string[]): readonly Suite[] {
  const all = [...SUITES, ...EXTRA];
  const known = [...all.map(({ name }) => name), EVERYTHING];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`no such suite: ${unknown.join(', ')}; there are ${known.join(', ')}\n`);
    process.exit(2);
  }
  if (names.length === 0) return SUITES;
  return names.includes(EVERYTHING) ? all : all.filter(({ name }) => names.includes(name));
}

/** Builds what these suites would otherwise build themselves, taking both cores from what runs beside them. */
async function build(suites: readonly Suite[]): Promise<void> {
  if (suites.length > 0) await ensureControlPlane();
  if (suites.some(({ name }) => name === 'chart')) {
    await ensurePromtool();
    await ensureRanges();
  }
}

const suites = chosen(process.argv.slice(2));
const clustered = suites.filter(({ cluster }) => cluster);
const built = build(clustered);
built.catch(() => undefined); // told where it is waited for
const verdicts = [...(await judge(suites.filter(({ cluster }) => !cluster)))];
await built;
verdicts.push(...(await judge(clustered)));

const total = verdicts.map(({ counts }) => counts).reduce(added, NOTHING);
for (const { failures } of verdicts) if (failures !== '') process.stdout.write(`\n${failures}\n`);
process.stdout.write(`\n${verdicts.map(({ line }) => line).join('\n')}\n`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
process.stdout.write(`${total.passed} passed, ${total.failed} failed${skipped}\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
