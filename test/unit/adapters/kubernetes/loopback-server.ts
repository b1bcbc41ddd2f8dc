import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { issueServerIdentity } from '../../../../dev/azure/certificates.ts';
import { type ClosableKubernetesApi, createKubernetesApi } from '../../../../src/adapters/kubernetes/api.ts';
import type { Connection } from '../../../../src/adapters/kubernetes/connection.ts';
import { systemClock } from '../../../../src/adapters/system/clock.ts';
import type { Clock } from '../../../../src/ports/clock.ts';
import { RecordingLogger, RecordingMetrics } from '../../../support/memory-cluster/index.ts';

export interface SeenRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Handler = (request: SeenRequest, response: ServerResponse) => void;

/** An https server on the loopback with a certificate of its own, whose answers a test writes by hand. */
export class LoopbackServer {
  readonly caPem: string;
  readonly requests: SeenRequest[] = [];
  readonly sockets = new Set<Socket>();
  readonly metrics = new RecordingMetrics();
  readonly logger = new RecordingLogger();
  handler: Handler = (_, response) => json(response, 200, {});
  /** How many connections were ever accepted. */
  connections = 0;
  readonly #server: Server;
  readonly #apis: ClosableKubernetesApi[] = [];

  constructor(server: Server, caPem: string) {
    this.#server = server;
    this.caPem = caPem;
    server.on('secureConnection', (socket) => {
      this.connections += 1;
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    server.on('request', (request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<LoopbackServer> {
    const { caPem, certPem, keyPem } = await issueServerIdentity(['localhost', '127.0.0.1']);
    const server = createServer({ cert: certPem, key: keyPem, keepAliveTimeout: 60_000 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new LoopbackServer(server, caPem);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  connection(): Connection {
    const server = `https://127.0.0.1:${this.port}`;
    return {
      endpoint: () =>
        Promise.resolve({ server, tls: { ca: this.caPem }, headers: { authorization: 'Bearer t' } }),
    };
  }

  /** The operator's own client for this server. */
  api(
    deadlineMs = 5_000,
    connection: Connection = this.connection(),
    clock: Clock = systemClock,
  ): ClosableKubernetesApi {
    const { logger, metrics } = this;
    const api = createKubernetesApi(connection, { clock, metrics, logger, deadlineMs });
    this.#apis.push(api);
    return api;
  }

  async close(): Promise<void> {
    for (const api of this.#apis) api.close();
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { headers, method, url } = request;
    const seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
    this.requests.push(seen);
    this.handler(seen, response);
  }
}

export function json(response: ServerResponse, status: number, body: object, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Opens a watch answer that the test goes on to write. */
export function openWatch(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
}
