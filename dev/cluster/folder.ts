/**
 * The folder in which everything of one cluster lives.
 *
 * Guarantees: it is gone after `remove`, and also when this process ends in any other way, SIGKILL
 * included: a guard process waits at the other end of a pipe that the kernel closes with us.
 * Failure: when the temporary folder's path is too long for a unix socket, the error says so.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A cluster's folder. */
export interface ClusterFolder {
  readonly path: string;
  /** Deletes it, or only lets go of it when it was made to be kept. */
  readonly remove: () => Promise<void>;
}

/** sun_path of unix(7) holds 108 bytes with its end; the longest socket name here takes 10. */
const longestPath = 95;

/** Makes a new folder; with `keep` nothing ever deletes it. */
export async function makeFolder(binary: string, keep: boolean): Promise<ClusterFolder> {
  const path = await mkdtemp(join(tmpdir(), 'acop-'));
  if (Buffer.byteLength(path) > longestPath) {
    await rm(path, { recursive: true });
    throw new Error(`${tmpdir()} is too long a path for unix sockets: set TMPDIR to a shorter one`);
  }
  if (keep) return { path, remove: async () => undefined };
  const letGo = startGuard(binary, path);
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 10 });
      letGo();
    },
  };
}

/** Starts the guard and returns the function that ends it. */
function startGuard(binary: string, path: string): () => void {
  const guard = spawn(binary, ['guard', path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
    cwd: '/',
  });
  // Neither the guard nor its pipe may keep our event loop alive.
  guard.unref();
  const { stdin } = guard;
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  guard.once('error', () => undefined);
  stdin.once('error', () => undefined);
  return () => stdin.destroy();
}
