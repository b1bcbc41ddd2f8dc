import { type ChildProcess, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

/** What a command said and how it ended. */
export interface Ran {
  readonly code: number;
  /** Without colours. */
  readonly output: string;
  readonly seconds: number;
}

let current: ChildProcess | undefined;

/** A stop of this script stops what it runs. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    current?.kill(signal);
    process.exitCode = 130;
  });
}

/** Runs a command, shows its output as it comes, and keeps it. */
export function run(command: string, args: readonly string[]): Promise<Ran> {
  const startedAt = Date.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    current = child;
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      process.stdout.write(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => process.stderr.write(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      current = undefined;
      const plain = stripVTControlCharacters(output);
      resolve({ code: code ?? 1, output: plain, seconds: Math.round((Date.now() - startedAt) / 1000) });
    });
  });
}
