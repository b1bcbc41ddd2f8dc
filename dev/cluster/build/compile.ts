import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { type Print, startProgress } from './progress.ts';

/** One run of `go build`. */
export interface Compilation {
  /** Of what is built, for a failure. */
  readonly title: string;
  readonly folder: string;
  readonly flags: readonly string[];
  /** The package. */
  readonly target: string;
  readonly output: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Compiles, with progress; throws with the last lines of the compiler's output when it fails. */
export async function compile(compilation: Compilation, print: Print): Promise<void> {
  const { title, folder, flags, target, output, env } = compilation;
  const child = spawn('go', ['build', '-v', ...flags, '-o', output, target], {
    cwd: folder,
    // GOGC: by default the compilers spend a sixth of their time on collecting garbage.
    // GOTOOLCHAIN=local: the version in the cache key is the one that builds.
    env: { GOGC: '400', ...env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOWORK: 'off' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // It would take both cores from what runs beside it; its compilers inherit this.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  const progress = startProgress(print);
  const tail: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    progress.note(line);
    tail.push(line);
    if (tail.length > 20) tail.shift();
  });
  const stopWithUs = () => child.kill();
  process.once('exit', stopWithUs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  }).finally(() => {
    progress.stop();
    process.removeListener('exit', stopWithUs);
  });
  if (code !== 0)
    throw new Error(`${title} did not compile (go build ended with ${code}):\n${tail.join('\n')}`);
}
