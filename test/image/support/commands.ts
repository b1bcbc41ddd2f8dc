import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startProcess } from '../../../dev/cluster/process.ts';

const exec = promisify(execFile);

/** Where tethered commands run: they end when this process does, even by SIGKILL. */
export interface BuildFolder {
  /** The control plane's binary, which does the tethering. */
  readonly binary: string;
  /** A folder that is deleted with this process. */
  readonly dir: string;
}

/** Says what takes time, since mocha is silent until a test ends. */
export const tell = (text: string): boolean => process.stderr.write(`    … ${text}\n`);

/** Runs a command that may take minutes; throws with the end of its output unless it exits 0. */
export async function runLong(
  { binary, dir }: BuildFolder,
  title: string,
  argv: readonly string[],
): Promise<void> {
  const startedAt = Date.now();
  tell(title);
  const child = startProcess({
    name: title,
    binary,
    argv,
    env: { ...inherited(), TMPDIR: dir },
    logFile: `${dir}/${title.replaceAll(/\W+/g, '-')}.log`,
    cwd: dir,
  });
  // Keeps the event loop alive: tethered processes do not.
  const alive = setInterval(() => undefined, 1_000);
  const { code, signal } = await child.exited.finally(() => clearInterval(alive));
  if (code !== 0) throw new Error(`${title} ended with ${code ?? signal}:\n${await child.logTail()}`);
  tell(`${title}: ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
}

/** Runs a short command and returns its trimmed standard output; throws unless it exits 0. */
export async function output(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await exec(command, args, { maxBuffer: 16 * 1024 * 1024 });
  return stdout.trim();
}

export async function exists(command: string): Promise<boolean> {
  return output('sh', ['-c', `command -v ${command}`]).then(
    () => true,
    () => false,
  );
}

/** Proxy settings and certificates of this machine are for the tools, too. */
const inherited = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])));
