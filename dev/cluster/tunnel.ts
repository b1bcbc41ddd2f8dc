/**
 * A TCP or unix-socket tunnel that a test can freeze: what a network, or a peer that hangs, does to connections.
 *
 * Guarantees: bytes are passed on unseen and in order; while frozen nothing passes in either direction and nobody is
 * told: open connections stay open, new ones are accepted and never answered; thawed, all goes on where it stopped.
 * Failure: a target that refuses looks to the client like a connection that breaks.
 */
import { type AddressInfo, createConnection, createServer, type NetConnectOpts, type Socket } from 'node:net';

/** One end: a port of 127.0.0.1 or the path of a unix socket. */
export type End = { readonly port: number } | { readonly path: string };

export interface Tunnel {
  /** Where it listens; 0 for a unix socket. */
  readonly port: number;
  freeze(): void;
  thaw(): void;
  /** Breaks all connections. */
  cut(): void;
  /** Where new connections lead from now on. */
  redirect(to: End): void;
  stop(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

/** Listens at `from`; the port 0 stands for any. */
export async function startTunnel(from: End, to: End): Promise<Tunnel> {
  const pairs = new Set<Pair>();
  let target = to;
  let frozen = false;
  const server = createServer({ pauseOnConnect: true }, (near) => {
    const far = createConnection(optionsOf(target));
    const pair = { near, far };
    pairs.add(pair);
    joinEnds(pair, () => pairs.delete(pair));
    if (!frozen) flow(pair);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(optionsOf(from), resolve);
  });
  const cut = () => {
    for (const { near, far } of pairs) for (const socket of [near, far]) socket.destroy();
  };
  return {
    port: portOf(server.address()),
    freeze: () => {
      frozen = true;
      for (const pair of pairs) hold(pair);
    },
    thaw: () => {
      // Ends joined twice would pass everything on twice.
      if (frozen) for (const pair of pairs) flow(pair);
      frozen = false;
    },
    cut,
    redirect: (end) => {
      target = end;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}

const optionsOf = (end: End): NetConnectOpts & { host?: string } =>
  'port' in end ? { ...end, host: '127.0.0.1' } : end;

const portOf = (address: AddressInfo | string | null): number =>
  address !== null && typeof address === 'object' ? address.port : 0;

/** When one end is gone, so is the other, once it has what was on its way to it. */
function joinEnds({ near, far }: Pair, gone: () => void): void {
  for (const [socket, other] of [
    [near, far],
    [far, near],
  ] as const) {
    socket.once('error', () => other.destroy());
    socket.once('close', () => {
      if (other.destroyed) gone();
      else other.destroySoon();
    });
  }
}

function flow({ near, far }: Pair): void {
  near.pipe(far);
  far.pipe(near);
}

function hold({ near, far }: Pair): void {
  for (const socket of [near, far]) {
    socket.unpipe();
    socket.pause();
  }
}
