import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How a command ended. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Options of one kubectl or helm call. */
export interface CommandOptions {
  /** Fed to stdin. */
  readonly input?: string;
  readonly namespace?: string;
  /** Added to the command's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The command is killed after this many milliseconds; default two minutes. */
  readonly timeoutMs?: number;
}

/** A command bound to one cluster; resolves however the command ends. */
export type Command = (args: readonly string[], options?: CommandOptions) => Promise<CommandResult>;
/** The same, resolving to stdout and throwing with stderr in the message unless it exits 0. */
export type StrictCommand = (args: readonly string[], options?: CommandOptions) => Promise<string>;

/** kubectl and helm of one cluster. */
export interface Tools {
  readonly kubectl: Command;
  readonly helm: Command;
  readonly kubectlOrThrow: StrictCommand;
  readonly helmOrThrow: StrictCommand;
  /** The environment in which both find their cluster, their caches and each other. */
  readonly env: Readonly<Record<string, string>>;
}

/** Prepares the tools; their caches and settings live in the cluster's folder, never in the user's home. */
export async function makeTools(binary: string, folder: string, kubeconfig: string): Promise<Tools> {
  const home = join(folder, 'home');
  await mkdir(home, { recursive: true });
  const bin = dirname(binary);
  const env = {
    ...binaryEnvironment(home),
    PATH: `${bin}:${process.env.PATH ?? ''}`,
    KUBECONFIG: kubeconfig,
  };
  const command =
    (name: string): Command =>
    (args, options = {}) =>
      run(join(bin, name), withNamespace(args, options), { ...env, ...options.env }, options);
  const kubectl = command('kubectl');
  const helm = command('helm');
  return {
    kubectl,
    helm,
    kubectlOrThrow: strict('kubectl', kubectl),
    helmOrThrow: strict('helm', helm),
    env,
  };
}

/**
 * A small environment of known content. In particular it has no HTTP_PROXY: everything here talks to
 * loopback, which no proxy can reach.
 */
export function plainEnvironment(home: string): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: home, LANG: 'C.UTF-8' };
}

/**
 * The same for the control plane and its tools. Garbage is collected less often than is Go's custom: that takes a
 * fifth of the time off the start of a cluster, a quarter off kubectl, and adds 100 MB to the API server.
 */
export function binaryEnvironment(home: string): Record<string, string> {
  return { ...plainEnvironment(home), GOGC: '400' };
}

function withNamespace(args: readonly string[], { namespace }: CommandOptions): string[] {
  return namespace === undefined ? [...args] : ['--namespace', namespace, ...args];
}

function strict(name: string, command: Command): StrictCommand {
  return async (args, options) => {
    const { exitCode, stdout, stderr } = await command(args, options);
    if (exitCode === 0) return stdout;
    throw new Error(`${name} ${args.join(' ')} ended with ${exitCode}: ${stderr.trim()}`);
  };
}

function run(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { input = '', timeoutMs = 120_000 }: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, timeout: timeoutMs, killSignal: 'SIGKILL' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({
        stdout,
        stderr: signal === null ? stderr : `${stderr}\nkilled by ${signal}`,
        exitCode: code ?? -1,
      });
    });
    // A command that exits without reading its input is no failure of ours.
    child.stdin.once('error', () => undefined);
    child.stdin.end(input);
  });
}
