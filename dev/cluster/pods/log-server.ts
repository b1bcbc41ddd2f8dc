import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** Finds the output of a container; undefined when there is none. */
export type FindLog = (namespace: string, pod: string, container: string) => Promise<string | undefined>;

/** A running log server. */
export interface LogServer {
  readonly port: number;
  readonly close: () => void;
}

/**
 * Answers what the API server asks a kubelet for `kubectl logs` (the whole log or its last lines; it does
 * not follow). It borrows the API server's own certificate, which nobody verifies.
 */
export async function startLogServer(certificateFolder: string, findLog: FindLog): Promise<LogServer> {
  const [cert, key] = await Promise.all(
    ['apiserver.crt', 'apiserver.key'].map((name) => readFile(`${certificateFolder}/${name}`, 'utf8')),
  );
  const server = createServer({ cert, key }, async (request, response) => {
    const url = new URL(request.url ?? '/', 'https://localhost');
    const [, kind, namespace = '', pod = '', container = ''] = url.pathname.split('/');
    const text = kind === 'containerLogs' ? await findLog(namespace, pod, container) : undefined;
    response.statusCode = text === undefined ? 404 : 200;
    response.end(
      text === undefined ? 'no such container' : lastLines(text, url.searchParams.get('tailLines')),
    );
  });
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, close: () => server.close() };
}

function lastLines(text: string, count: string | null): string {
  if (count === null) return text;
  return text
    .split(/(?<=\n)/)
    .slice(-Number(count) || text.length)
    .join('');
}
