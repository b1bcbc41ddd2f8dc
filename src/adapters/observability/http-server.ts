/**
 * `/livez`, `/readyz` and `/metrics` for the kubelet and Prometheus.
 *
 * Guarantees: no answer holds anything but the texts of `Health` and metrics; `close` returns even when clients keep
 * connections open.
 * Failure: a probe that throws answers 500.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Health = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export interface HttpServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly live: () => Health;
  readonly ready: () => Health;
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
}

export interface RunningServer {
  readonly port: number;
  /** Takes no new connections, closes idle ones, and those still in use after a second. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const CLOSE_GRACE_MS = 1_000;

/** @throws when the address cannot be listened on. */
export async function startHttpServer(options: HttpServerOptions): Promise<RunningServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    void respond(options, request, response);
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return { port, close: () => close(server) };
}

function listen(server: Server, { host, port }: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}

async function respond(
  options: HttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { body, contentType, status } = await answer(options, request).catch(() =>
    text(500, 'internal error'),
  );
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answer(
  { live, metrics, ready }: HttpServerOptions,
  request: IncomingMessage,
): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'method not allowed');
  switch (request.url?.split('?')[0]) {
    case '/livez':
      return health(live());
    case '/readyz':
      return health(ready());
    case '/metrics':
      return { status: 200, contentType: metrics.contentType, body: await metrics.render() };
    default:
      return text(404, 'not found');
  }
}

const health = (state: Health): Answer => (state.ok ? text(200, 'ok') : text(503, state.reason));
const text = (status: number, body: string): Answer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${body}\n`,
});
