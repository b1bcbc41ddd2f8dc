import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Gives the lock back. */
export type Release = () => Promise<void>;

/**
 * Waits for a lock that all processes of this user on this machine share, and takes it.
 *
 * The lock is a Linux abstract socket: the kernel frees it when its holder dies, however it dies,
 * so there is no stale lock file to judge. Processes in another network namespace (containers) do
 * not see it; they would build twice, which is harmless since the result is renamed into place.
 *
 * @param onWait called once when somebody else holds the lock.
 */
export async function takeLock(name: string, onWait: () => void): Promise<Release> {
  const address = `\0appconfig-operator-${process.getuid?.() ?? 0}-${name}`;
  for (let attempt = 0; ; attempt += 1) {
    const server = await listen(address);
    if (server !== undefined) return () => close(server);
    if (attempt === 0) onWait();
    await delay(200);
  }
}

function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('listening', () => resolve(server));
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(address);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
