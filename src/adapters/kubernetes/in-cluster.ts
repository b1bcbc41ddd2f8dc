/**
 * The connection of a pod: the ServiceAccount's token and CA from its mounted folder.
 *
 * Guarantees: a rotated token is used within 60 s (the kubelet renews it at 80 % of its life), a changed CA too.
 * Failure: while the files cannot be read the last good content is used; without any, `ConnectionError`.
 */
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../../ports/clock.ts';
import { type Connection, ConnectionError, type Endpoint } from './connection.ts';

export const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';
const REREAD_MS = 60_000;

export interface InClusterOptions {
  /** Holds `token` and `ca.crt`. */
  readonly dir?: string;
  /** Values of KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT. */
  readonly host: string;
  readonly port: string | number;
  readonly clock: Clock;
}

export function inClusterConnection(options: InClusterOptions): Connection {
  const { clock, dir = SERVICE_ACCOUNT_DIR, host, port } = options;
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  let current: { readonly endpoint: Endpoint; readonly readAt: number } | undefined;
  let reading: Promise<Endpoint> | undefined;

  async function read(): Promise<Endpoint> {
    try {
      const [token, ca] = await Promise.all(
        ['token', 'ca.crt'].map((file) => readFile(join(dir, file), 'utf8')),
      );
      current = { endpoint: endpointOf(server, token ?? '', ca ?? ''), readAt: clock.now() };
      return current.endpoint;
    } catch (error) {
      if (current !== undefined) return current.endpoint;
      throw error instanceof ConnectionError ? error : unreadable(error);
    }
  }

  function fresh(): Promise<Endpoint> {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  return {
    async endpoint() {
      const age = clock.now() - (current?.readAt ?? 0);
      // Below zero after the clock was set back: a token would outlive itself.
      if (current !== undefined && age >= 0 && age < REREAD_MS) return current.endpoint;
      return fresh();
    },
  };
}

function endpointOf(server: string, rawToken: string, ca: string): Endpoint {
  // A newline at the end of the file would make the header invalid.
  const token = rawToken.trim();
  if (token === '') throw new ConnectionError('EmptyToken', 'The ServiceAccount token file is empty.');
  return { server, tls: { ca }, headers: { authorization: `Bearer ${token}` } };
}

function unreadable(error: unknown): ConnectionError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'Unreadable';
  return new ConnectionError(code, `The ServiceAccount token or CA cannot be read: ${code}.`);
}
