/**
 * One long-running local process of a cluster.
 *
 * Guarantees: it dies with this process, even when this process is killed with SIGKILL (the kernel's
 * parent-death signal, set by `controlplane tether`); its output is in a file; it inherits no environment.
 * Assumptions: started from Node's main thread, since the kernel watches the thread that forked.
 * Failure: a process that cannot start counts as exited, with the reason in its log.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** What to run. */
export interface ProcessSpec {
  readonly name: string;
  /** The control plane's binary, which does the tethering. */
  readonly binary: string;
  /** The program, by path or looked up on the PATH of `env`, and its arguments. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly cwd: string;
}

/** How a process ended; exactly one member is not null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running, or ended, process. */
export interface LocalProcess {
  readonly name: string;
  /** 0 when it could not be started. */
  readonly pid: number;
  /** Resolves when the process has ended. */
  readonly exited: Promise<Exit>;
  readonly isRunning: () => boolean;
  /** Signals the process and whatever it started itself; nothing happens once it has ended. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** SIGTERM, then SIGKILL after `graceMs`; resolves when it has ended. */
  readonly stop: (graceMs: number) => Promise<void>;
  /** The last 20 lines of its output. */
  readonly logTail: () => Promise<string>;
}

/** Starts a process in a process group of its own, so that Ctrl-C in a terminal reaches only us. */
export function startProcess(spec: ProcessSpec): LocalProcess {
  const log = openSync(spec.logFile, 'a');
  const child = spawn(spec.binary, ['tether', String(process.pid), ...spec.argv], {
    cwd: spec.cwd,
    env: spec.env,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  // A forgotten cluster must not keep the test run alive; it is killed when we exit.
  child.unref();
  let ended = false;
  const exited = new Promise<Exit>((resolve) => {
    const end = (exit: Exit) => {
      ended = true;
      resolve(exit);
    };
    child.once('exit', (code, signal) => end({ code, signal }));
    child.once('error', (error) => {
      appendFileSync(spec.logFile, `cannot start: ${error.message}\n`);
      end({ code: 127, signal: null });
    });
  });
  const signal = (name: NodeJS.Signals) => {
    if (!ended && child.pid !== undefined) signalGroup(child.pid, name);
  };
  return {
    name: spec.name,
    pid: child.pid ?? 0,
    exited,
    isRunning: () => !ended,
    signal,
    stop: (graceMs) => stop(signal, exited, graceMs),
    logTail: () => logTail(spec.logFile),
  };
}

async function stop(signal: LocalProcess['signal'], exited: Promise<Exit>, graceMs: number): Promise<void> {
  // A process stopped with SIGSTOP would not see SIGTERM.
  signal('SIGCONT');
  signal('SIGTERM');
  const timer = new AbortController();
  const late = delay(graceMs, 'late', { signal: timer.signal }).catch(() => 'cancelled');
  if ((await Promise.race([exited, late])) === 'late') signal('SIGKILL');
  // The timer also keeps the event loop alive while an unreferenced child ends.
  const alive = setInterval(() => undefined, 1000);
  await exited;
  clearInterval(alive);
  timer.abort();
}

/** Signals a process group; a group that is gone already is fine. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function logTail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-20).join('\n');
}
