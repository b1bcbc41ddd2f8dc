import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './clock.ts';
import type { Fault, Faults } from './faults.ts';
import { type Answer, type Call, header, type Service } from './http/call.ts';
import { Query } from './http/query.ts';
import type { RequestLog, RequestRecord } from './requestlog.ts';

export interface FrontDoorOptions {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly log: RequestLog;
  /** The service that lives at a host name now, or undefined. */
  readonly resolve: (host: string) => Service | undefined;
  /** Whether the host has stopped to answer, also on connections that are open. */
  readonly isBlackHole: (host: string) => boolean;
}

const MAX_BODY_BYTES = 1024 * 1024;
/** What a black-holed host does to every request; it has no entry in the list of faults. */
const BLACK_HOLE: Fault = { id: 'black-hole', hits: 0, hang: true };
const EMPTY = Buffer.alloc(0);

/**
 * Every decrypted request passes here: find the service by host, let a fault shape it, answer, log.
 *
 * Guarantees: each request leaves exactly one log record, also when it is reset or left hanging.
 * Failure: a host whose store or vault has been deleted meanwhile loses its connection, as after a DNS change.
 */
export class FrontDoor {
  readonly #options: FrontDoorOptions;

  constructor(options: FrontDoorOptions) {
    this.#options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const host = hostOf(request);
    const service = this.#options.resolve(host);
    if (!service) {
      request.socket.destroy();
      return;
    }
    const call = await readCall(request, host);
    if (!call) {
      response.writeHead(413).end();
      return;
    }
    const silent = this.#options.isBlackHole(host);
    const fault = silent ? BLACK_HOLE : this.#options.faults.take(service.name, call);
    const answer = await this.#shape(service, call, fault);
    this.#record(service, call, answer, fault);
    await send(request, response, answer, fault);
  }

  /** Undefined: no answer at all. */
  async #shape(service: Service, call: Call, fault: Fault | undefined): Promise<Answer | undefined> {
    if (!fault) return service.answer(call);
    if (fault.delayMs !== undefined) await sleep(fault.delayMs, undefined, { ref: false });
    if (fault.reset || fault.hang) return undefined;
    if (fault.status === undefined) return service.answer(call);
    const native = service.nativeError(fault.status, call);
    const headers = { ...native.headers, ...lowerCased(fault.headers ?? {}) };
    return { ...native, headers, body: fault.body ?? native.body ?? '' };
  }

  #record(service: Service, call: Call, answer: Answer | undefined, fault: Fault | undefined): void {
    const conditional = conditionalOf(call);
    const clientRequestId = header(call, 'x-ms-client-request-id');
    this.#options.log.add({
      time: new Date(this.#options.clock.now()).toISOString(),
      service: service.name,
      host: call.host,
      method: call.method,
      path: call.path,
      query: call.query.raw,
      status: answer?.status ?? 0,
      ...(answer?.principal === undefined ? {} : { principal: answer.principal }),
      ...(answer?.code === undefined ? {} : { code: answer.code }),
      ...(conditional === undefined ? {} : { conditional }),
      ...(clientRequestId === undefined ? {} : { clientRequestId }),
      ...(fault === undefined ? {} : { fault: fault.id }),
    });
  }
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer | undefined,
  fault: Fault | undefined,
): Promise<void> {
  if (!answer) {
    if (!fault?.hang) request.socket.destroy();
    return;
  }
  const body = answer.body ?? '';
  const headers: Record<string, string | number> = { 'x-ms-request-id': randomUUID(), ...answer.headers };
  // A 304 describes no body of its own (RFC 9110 15.4.5), and 204 must not carry a length.
  if (answer.status !== 304 && answer.status !== 204) headers['content-length'] = Buffer.byteLength(body);
  response.writeHead(answer.status, headers);
  if (fault?.bodyDelayMs !== undefined) {
    response.flushHeaders();
    await sleep(fault.bodyDelayMs, undefined, { ref: false });
  }
  response.end(request.method === 'HEAD' ? undefined : body);
}

function hostOf(request: IncomingMessage): string {
  return (request.headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
}

async function readCall(request: IncomingMessage, host: string): Promise<Call | undefined> {
  const target = request.url ?? '/';
  const at = target.indexOf('?');
  const body = await readBody(request);
  if (!body) return undefined;
  return {
    host,
    method: request.method ?? 'GET',
    target,
    path: at < 0 ? target : target.slice(0, at),
    query: new Query(at < 0 ? '' : target.slice(at + 1)),
    headers: request.headers,
    body,
  };
}

/** The body, or undefined when it is larger than any service accepts. */
export async function readBody(
  request: IncomingMessage,
  limit = MAX_BODY_BYTES,
): Promise<Buffer | undefined> {
  if (request.method === 'GET' || request.method === 'HEAD') return EMPTY;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function conditionalOf(call: Call): RequestRecord['conditional'] {
  const none = call.headers['if-none-match'];
  if (none !== undefined) return { header: 'if-none-match', etag: none };
  const match = call.headers['if-match'];
  return match === undefined ? undefined : { header: 'if-match', etag: match };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
