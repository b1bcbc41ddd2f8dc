import type { IncomingHttpHeaders } from 'node:http';
import { type Agent, request } from 'node:https';

/** One raw response. */
export interface Wire {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface WireOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly token?: string;
}

/** Sends exactly this request line: no URL normalisation, no redirects, no retries. */
export function send(agent: Agent, host: string, target: string, options: WireOptions = {}): Promise<Wire> {
  const authorization = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
  const headers = { ...authorization, ...options.headers };
  return new Promise((resolve, reject) => {
    const call = request(
      { agent, host, port: 443, path: target, method: options.method ?? 'GET', headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      },
    );
    call.on('error', reject);
    call.end(options.body);
  });
}

/** The body as JSON; fails the test when it is not. */
export function bodyOf<T>(wire: Wire): T {
  return JSON.parse(wire.text) as T;
}

/** Everything an async iterable yields. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
