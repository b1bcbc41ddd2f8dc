/**
 * A proxy in front of the API server that a test can make fail in ways no server flag can.
 *
 * Guarantees: without orders it forwards everything, streams included; it lives on loopback.
 * Assumptions: clients authenticate with tokens, since TLS ends here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { issueServerIdentity } from '../../../dev/azure/certificates.ts';
import type { Cluster } from '../../../dev/cluster/cluster.ts';

/** One request to stop at. */
export interface Trap {
  readonly method: string;
  readonly path: RegExp;
  /** Before: the API server never hears of it. After: the API server has done it, its answer is lost. */
  readonly when: 'before' | 'after';
}

export interface ApiProxy {
  readonly url: string;
  readonly caPem: string;
  /** Resolves when a request has run into the trap; it is never answered, and the trap is gone. */
  spring(trap: Trap): Promise<void>;
  /** Ends all watches as the API server does after their timeout, or breaks all connections. */
  endWatches(): void;
  breakConnections(): void;
  /** While closed, every connection is broken at once. */
  setClosed(closed: boolean): void;
  /** Leads watches opened from now on to another API server of the cluster, as a load balancer might. */
  routeWatches(port: number): void;
  stop(): Promise<void>;
}

interface Armed {
  readonly trap: Trap;
  readonly sprung: () => void;
}

export async function startApiProxy({ port, caPem }: Cluster): Promise<ApiProxy> {
  const identity = await issueServerIdentity(['127.0.0.1']);
  const agent = new Agent({ keepAlive: true, ca: caPem });
  const sockets = new Set<Socket>();
  const watches = new Set<ServerResponse>();
  let armed: Armed | undefined;
  let closed = false;
  let watchPort = port;

  const handle = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { method = 'GET', url = '/', headers } = incoming;
    const trapped = armed !== undefined && fits(armed.trap, method, url) ? armed : undefined;
    if (trapped !== undefined) armed = undefined;
    if (trapped?.trap.when === 'before') {
      trapped.sprung();
      return;
    }
    const isWatch = /[?&]watch=/.test(url);
    const to = { host: '127.0.0.1', port: isWatch ? watchPort : port };
    const forwarded = request({ ...to, agent, method, path: url, headers }, (answer) => {
      if (trapped !== undefined) {
        answer.resume();
        answer.once('end', trapped.sprung);
        return;
      }
      if (isWatch) watches.add(outgoing);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
      answer.once('error', () => outgoing.destroy());
    });
    // An API server that is down looks to the client like a connection that breaks.
    forwarded.once('error', () => incoming.socket.destroy());
    outgoing.once('close', () => {
      watches.delete(outgoing);
      forwarded.destroy();
    });
    incoming.pipe(forwarded);
  };

  const server = createServer({ key: identity.keyPem, cert: identity.certPem }, handle);
  server.on('connection', (socket: Socket) => {
    if (closed) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const breakConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caPem: identity.caPem,
    spring: (trap) => new Promise((sprung) => (armed = { trap, sprung })),
    endWatches: () => {
      for (const watch of watches) watch.end();
    },
    breakConnections,
    setClosed: (value) => {
      closed = value;
      if (closed) breakConnections();
    },
    routeWatches: (other) => {
      watchPort = other;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        breakConnections();
        agent.destroy();
      }),
  };
}

const fits = (trap: Trap, method: string, url: string): boolean =>
  trap.method === method && trap.path.test(url);
