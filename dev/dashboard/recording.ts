/**
 * Samples of `/metrics` as a file: one series a line, in the notation of promtool's tests (`1x3` is a 1 and three more,
 * `_` no sample).
 */
import { readFile, writeFile } from 'node:fs/promises';

export interface Recording {
  /** Of the first scrape, seconds since the epoch. */
  readonly start: number;
  /** Seconds between two scrapes. */
  readonly step: number;
  readonly scrapes: number;
  /** `name{label="value"} 1 1x3 _`. */
  readonly series: readonly string[];
}

/** What one scrape found, by series; undefined: nothing answered. */
export type Scrape = ReadonlyMap<string, number> | undefined;

export function recordingOf(scrapes: readonly Scrape[], start: number, step: number): Recording {
  const names = [...new Set(scrapes.flatMap((scrape) => [...(scrape?.keys() ?? [])]))].sort();
  const series = names.map((name) => `${name} ${compact(scrapes.map((scrape) => scrape?.get(name)))}`);
  return { start, step, scrapes: scrapes.length, series };
}

function compact(values: readonly (number | undefined)[]): string {
  const runs: { readonly text: string; count: number }[] = [];
  for (const value of values) {
    const text = value === undefined ? '_' : String(value);
    const last = runs.at(-1);
    if (last?.text === text) last.count += 1;
    else runs.push({ text, count: 1 });
  }
  return runs.map(written).join(' ');
}

/** A value is followed by its repetitions, gaps are counted as they are. */
const written = ({ text, count }: { readonly text: string; readonly count: number }): string =>
  count === 1 ? text : text === '_' ? `_x${count}` : `${text}x${count - 1}`;

/** The samples of a scrape of the text format whose metric is wanted, with the labels that Prometheus would add. */
export function samplesOf(
  text: string,
  wanted: ReadonlySet<string>,
  added: Readonly<Record<string, string>>,
): ReadonlyMap<string, number> {
  const extra = Object.entries(added).map(([name, value]) => `${name}="${value}"`);
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (value === undefined || !wanted.has(name)) continue;
    const all = [...(labels === '' ? [] : [labels]), ...extra].join(',');
    // Milliseconds are enough for every metric, and keep the file small.
    samples.set(`${name}{${all}}`, Math.round(Number(value) * 1_000) / 1_000);
  }
  return samples;
}

export const readRecording = async (file: URL): Promise<Recording> =>
  JSON.parse(await readFile(file, 'utf8')) as Recording;

/** One series a line. */
export const writeRecording = (file: URL, recording: Recording): Promise<void> =>
  writeFile(file, `${JSON.stringify(recording, null, 2)}\n`);
