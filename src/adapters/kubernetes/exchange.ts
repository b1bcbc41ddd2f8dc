import type { IncomingMessage } from 'node:http';
import type { Agent } from 'node:https';
import { type RequestOptions, request } from 'node:https';
import type { Endpoint } from './connection.ts';

/** One HTTP request; `path` begins with `/` and holds the query. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly accept: string;
  readonly body?: { readonly contentType: string; readonly json: string };
}

/** A keep-alive connection that the server had closed meanwhile: the request never reached it, as far as we know. */
export class StaleConnection extends Error {}

/**
 * Sends a request and resolves with the response once its headers are in.
 * @throws what the socket or TLS threw; `StaleConnection` when a reused connection was reset before any answer.
 */
export function send(
  endpoint: Endpoint,
  agent: Agent,
  { accept, body, method, path }: HttpRequest,
  userAgent: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const url = new URL(endpoint.server);
  const options: RequestOptions = {
    agent,
    signal,
    method,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || 443,
    path: url.pathname.replace(/\/$/, '') + path,
    headers: { ...endpoint.headers, accept, 'user-agent': userAgent, ...bodyHeaders(body) },
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(options, resolve);
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const stale = outgoing.reusedSocket && error.code === 'ECONNRESET';
      reject(stale ? new StaleConnection() : error);
    });
    // A dead peer must be noticed on a stream where nothing is sent for minutes.
    outgoing.on('socket', (socket) => socket.setKeepAlive(true, 30_000));
    outgoing.end(body?.json);
  });
}

/** Node sends no Content-Length for the body of a DELETE by itself, and the API server then answers a bare 400. */
function bodyHeaders(body: HttpRequest['body']): Record<string, string> {
  if (body === undefined) return {};
  return { 'content-type': body.contentType, 'content-length': String(Buffer.byteLength(body.json)) };
}

/** The whole body. @throws when it is cut. */
export async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Anything else is not the API server: a proxy's page must never pass for an object. */
export function isJson(response: IncomingMessage): boolean {
  const [mediaType = ''] = (response.headers['content-type'] ?? '').split(';');
  return mediaType.trim().toLowerCase() === 'application/json';
}
