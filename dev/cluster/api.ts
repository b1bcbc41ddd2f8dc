/**
 * A small client of the API server, for the cluster itself, its pod runner and tests.
 *
 * Guarantees: every HTTP answer is returned, whatever its status; JSON bodies are parsed.
 * Failure: no answer (connection refused, reset, deadline) rejects with Node's own error.
 */
import { Agent, type RequestOptions, request } from 'node:https';

/** An answer of the API server. */
export interface ApiAnswer<T> {
  readonly status: number;
  /** The parsed JSON body, trusted to be a T when `status` is a success; undefined when it is no JSON. */
  readonly body: T;
}

/** What a request carries besides method and path. */
export interface ApiRequest {
  readonly body?: unknown;
  /** Default: JSON, or a merge patch for PATCH. */
  readonly contentType?: string;
  /** Deadline in milliseconds; default 30 s. */
  readonly timeoutMs?: number;
}

/** A client that is logged in as one user. */
export interface ApiClient {
  readonly request: <T>(method: string, path: string, options?: ApiRequest) => Promise<ApiAnswer<T>>;
  /** Opens a streaming GET; rejects unless the answer is 200. Lines are complete JSON texts. */
  readonly stream: (path: string, signal: AbortSignal, onLine: (line: string) => void) => Promise<void>;
  /** Closes idle connections. */
  readonly close: () => void;
}

/** Where and as whom. */
export interface ApiLogin {
  readonly port: number;
  readonly caPem: string;
  /** Without it requests are anonymous. */
  readonly token?: string;
}

/** Makes a client; connections are opened when needed and kept. */
export function createApiClient(login: ApiLogin): ApiClient {
  const agent = new Agent({ keepAlive: true, ca: login.caPem });
  const headers = login.token === undefined ? {} : { authorization: `Bearer ${login.token}` };
  const base: RequestOptions = { host: '127.0.0.1', port: login.port, agent, headers };
  return {
    request: (method, path, options = {}) => send({ ...base, method, path }, options),
    stream: (path, signal, onLine) => stream({ ...base, method: 'GET', path, signal }, onLine),
    close: () => agent.destroy(),
  };
}

function send<T>(
  base: RequestOptions,
  { body, contentType, timeoutMs = 30_000 }: ApiRequest,
): Promise<ApiAnswer<T>> {
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const type = contentType ?? (base.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json');
  // Node sends no Content-Length for the body of a DELETE by itself, which the API server answers with 400.
  const length = payload === undefined ? {} : { 'content-type': type, 'content-length': payload.length };
  const options = {
    ...base,
    headers: { ...base.headers, ...length },
    signal: AbortSignal.timeout(timeoutMs),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => {
        resolve({ status: answer.statusCode ?? 0, body: parse(Buffer.concat(chunks).toString('utf8')) as T });
      });
    });
    outgoing.once('error', reject);
    outgoing.end(payload);
  });
}

/** Some answers are plain text (an unknown path, a malformed request). */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function stream(options: RequestOptions, onLine: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(options, (answer) => {
      if (answer.statusCode !== 200) {
        answer.resume();
        reject(new Error(`the API server answered ${answer.statusCode} to a watch`));
        return;
      }
      let rest = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onLine(line);
      });
      answer.once('error', reject);
      answer.once('close', resolve);
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}
