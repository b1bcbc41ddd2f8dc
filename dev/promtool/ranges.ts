/** PromQL over recorded series, by Prometheus's own engine: `ranges/main.go`, built like promtool beside it. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../cluster/build/cached.ts';
import { COMMON_FLAGS, readModule } from '../cluster/build/module.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** What the program reads. Series in the notation of promtool's tests; times in seconds. */
export interface Recorded {
  readonly start: number;
  readonly step: number;
  readonly scrapes: number;
  readonly series: readonly string[];
}

/** One series of an answer. */
export interface Line {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since the epoch, and the value; no point where there is none. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** The answer to each query over the whole recording, step by step. Builds the program first where that is needed. */
export async function evaluate(
  { start, step, scrapes, series }: Recorded,
  queries: readonly string[],
): Promise<readonly (readonly Line[])[]> {
  const child = spawn(await ensureRanges(), { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on('close', resolve).on('error', reject),
  );
  child.stdin.end(JSON.stringify({ start, step, scrapes, series, queries }));
  const [answer, code] = await Promise.all([text(child.stdout), ended]);
  if (code !== 0) throw new Error('the queries could not be evaluated; the reason stands above');
  return JSON.parse(answer) as readonly (readonly Line[])[];
}

/** Path of the program, building it first when the cache has none. */
export async function ensureRanges(): Promise<string> {
  const program = {
    name: 'ranges',
    title: 'ranges',
    folder: FOLDER,
    files: await readModule(FOLDER),
    flags: [...COMMON_FLAGS, '-ldflags', '-s -w'],
    target: './ranges',
    announcement: 'building the engine of Prometheus, once: a minute or two on two cores',
  };
  return ensureBuilt(program, {
    env: process.env,
    print: (line) => process.stderr.write(`[ranges] ${line}\n`),
  });
}
