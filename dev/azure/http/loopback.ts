import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen } from '../proxy.ts';

/** A server on loopback that listens. */
export interface Listening {
  readonly port: number;
  /** Ends its connections, too. */
  stop(): Promise<void>;
}

/** Starts it; `port` 0 lets the system choose. @throws when the port is taken. */
export async function onLoopback(server: Server, port: number): Promise<Listening> {
  await listen(server, port);
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: (server.address() as AddressInfo).port, stop };
}

/** A client that goes away mid-request is no bug; anything else must be seen. */
export const answering =
  (handle: (request: IncomingMessage, response: ServerResponse) => Promise<unknown>): RequestListener =>
  (request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!request.socket.destroyed) throw error;
    });
  };
