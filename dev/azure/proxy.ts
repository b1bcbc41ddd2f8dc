import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * What the proxy does with a CONNECT: tunnel it, act as if DNS had no such name, refuse a foreign host, or never
 * answer, like a host whose packets vanish.
 */
export type Verdict = 'open' | 'no-such-host' | 'refused' | 'silent';

export interface ProxyOptions {
  readonly judge: (host: string, port: number) => Verdict;
  /** Takes over an accepted tunnel; bytes that arrive on it are the client's TLS handshake. */
  readonly tunnel: (socket: Duplex) => void;
  readonly onConnect: (host: string, status: number) => void;
  readonly port?: number | undefined;
}

export interface Proxy {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

const REPLIES = {
  open: { status: 200, line: 'HTTP/1.1 200 Connection Established\r\n\r\n' },
  'no-such-host': {
    status: 502,
    line: 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
  },
  refused: { status: 403, line: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' },
} as const;

/**
 * An HTTP CONNECT proxy on loopback.
 *
 * Guarantees: it never opens a connection of its own, so nothing outside this process can be reached through it;
 * an absent store or vault fails like a missing DNS name does behind a proxy, with 502.
 * Failure: anything but CONNECT is answered 405.
 */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const server = createHttpServer((_request, response) => response.writeHead(405).end());
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('connect', (request, socket, head) => connect(request, socket, head, options));
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, stop: () => stop(server, sockets) };
}

function connect(request: IncomingMessage, socket: Duplex, head: Buffer, options: ProxyOptions): void {
  const { host, port } = parseAuthority(request.url ?? '');
  const verdict = options.judge(host, port);
  socket.on('error', () => socket.destroy());
  if (verdict === 'silent') {
    options.onConnect(host, 0);
    return;
  }
  const reply = REPLIES[verdict];
  options.onConnect(host, reply.status);
  if (verdict !== 'open') {
    socket.end(reply.line);
    return;
  }
  socket.write(reply.line);
  if (head.length > 0) socket.unshift(head);
  options.tunnel(socket);
}

function parseAuthority(authority: string): { host: string; port: number } {
  const at = authority.lastIndexOf(':');
  if (at < 0) return { host: authority.toLowerCase(), port: 0 };
  return { host: authority.slice(0, at).toLowerCase(), port: Number(authority.slice(at + 1)) };
}

/** Listens on 127.0.0.1 and resolves when bound; rejects when the port is taken. */
export function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function stop(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}
