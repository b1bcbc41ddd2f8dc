import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';

/** What a command said and how it ended. */
export interface Ran {
  readonly code: number;
  /** Without colours. */
  readonly output: string;
  readonly seconds: number;
}

const running = new Set<ChildProcess>();

let stopping = false;

/** A stop of this script stops what it runs, waits for that, and begins nothing more. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopping = true;
    const ends = [...running].map((child) => once(child, 'close'));
    for (const child of running) child.kill(signal);
    void Promise.all(ends).finally(() => process.exit(130));
  });
}

/**
 * Runs a command, shows its output as it comes, and keeps it. `mark` begins each shown line, so that commands that
 * run side by side can be told apart.
 */
export function run(command: string, args: readonly string[], mark = ''): Promise<Ran> {
  const startedAt = Date.now();
  return new Promise((resolve, reject) => {
    if (stopping) return;
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    const show = wholeLines(mark, process.stdout);
    const showError = wholeLines(mark, process.stderr);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      show(text);
    });
    child.stderr.setEncoding('utf8').on('data', showError);
    child.on('error', reject);
    child.on('close', (code) => {
      running.delete(child);
      show('', true);
      showError('', true);
      const plain = stripVTControlCharacters(output);
      resolve({ code: code ?? 1, output: plain, seconds: Math.round((Date.now() - startedAt) / 1000) });
    });
  });
}

/** Without a mark text passes as it comes; with one, line by line. */
function wholeLines(mark: string, to: NodeJS.WriteStream): (text: string, last?: boolean) => void {
  let rest = '';
  return (text, last = false) => {
    if (mark === '') {
      to.write(text);
      return;
    }
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) to.write(`${mark}${line}\n`);
    if (last && rest !== '') to.write(`${mark}${rest}\n`);
  };
}
