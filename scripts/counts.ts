import type { Ran } from './run.ts';

/** Tests of one run of mocha, or of several. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 };

/** Mocha's own closing lines; a run that ended without them has failed, whatever it printed. */
export function countsOf({ output, code }: Ran): Counts {
  const count = (word: string): number =>
    Number(new RegExp(`^\\s+(\\d+) ${word}\\b`, 'm').exec(output)?.[1] ?? 0);
  const counts = { passed: count('passing'), failed: count('failing'), skipped: count('pending') };
  const broken = code !== 0 && counts.failed === 0;
  const empty = counts.passed + counts.failed === 0;
  return broken || empty ? { ...counts, failed: Math.max(counts.failed, 1) } : counts;
}

export const added = (one: Counts, other: Counts): Counts => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  skipped: one.skipped + other.skipped,
});

/** What mocha says of the tests that failed, to be read at the end, where the output of others does not hide it. */
export function failuresOf({ output }: Ran): string {
  const start = output.search(/^\s+\d+ failing\b/m);
  return start < 0 ? '' : output.slice(start).trim();
}
