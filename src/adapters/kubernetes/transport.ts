/**
 * Calls and streams over node:https.
 *
 * Guarantees: every call ends by its deadline or its signal; a result is a value, never an exception; an answer that
 * is not JSON is an error; errors hold no text of the server beyond its closed vocabularies.
 * Assumptions: HTTP/1.1, which every kube-apiserver speaks.
 * Failure: nothing is retried, except a GET whose kept-alive connection turned out to be closed: there the request was
 * lost, and reading again is harmless. Writes never are: the caller knows whether repeating one is right.
 */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../ports/clock.ts';
import type { KubernetesError, KubernetesResult } from '../../ports/kubernetes.ts';
import { Agents } from './agents.ts';
import { type Connection, ConnectionError } from './connection.ts';
import { Deadline } from './deadline.ts';
import { statusError, transport } from './errors.ts';
import { type HttpRequest, isJson, readBody, StaleConnection, send } from './exchange.ts';

export interface TransportOptions {
  readonly clock: Clock;
  readonly userAgent: string;
  /** For a whole call; for a stream until its headers are in. */
  readonly deadlineMs: number;
}

/** An open stream. `close` must be called in the end; `explain` says why reading it failed. */
export interface OpenStream {
  readonly body: IncomingMessage;
  explain(error: unknown): KubernetesError;
  close(): void;
}

export class Transport {
  readonly #connection: Connection;
  readonly #options: TransportOptions;
  readonly #agents = new Agents();

  constructor(connection: Connection, options: TransportOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** One request and its whole JSON answer. */
  async call(request: HttpRequest, caller: AbortSignal | undefined): Promise<KubernetesResult<unknown>> {
    const deadline = new Deadline(this.#options.clock, this.#options.deadlineMs, caller);
    try {
      return await this.#decode(await this.#send(request, 'calls', deadline.signal));
    } catch (error) {
      return { ok: false, error: explain(error, deadline) };
    } finally {
      deadline.clear();
    }
  }

  /** A request whose answer is read as it comes, on a connection of its own. */
  async stream(request: HttpRequest, caller: AbortSignal | undefined): Promise<KubernetesResult<OpenStream>> {
    const deadline = new Deadline(this.#options.clock, this.#options.deadlineMs, caller);
    try {
      const body = await this.#send(request, 'watches', deadline.signal);
      const refusal = await this.#refusal(body);
      if (refusal === undefined) {
        deadline.lift();
        return { ok: true, value: openStream(body, deadline) };
      }
      deadline.clear();
      return { ok: false, error: refusal };
    } catch (error) {
      deadline.clear();
      return { ok: false, error: explain(error, deadline) };
    }
  }

  close(): void {
    this.#agents.close();
  }

  async #send(
    request: HttpRequest,
    kind: 'calls' | 'watches',
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const endpoint = await unlessAborted(this.#connection.endpoint(), signal);
    const attempt = () =>
      send(endpoint, this.#agents.for(endpoint)[kind], request, this.#options.userAgent, signal);
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      if (request.method !== 'GET') throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
      return attempt();
    }
  }

  async #decode(response: IncomingMessage): Promise<KubernetesResult<unknown>> {
    const body = await readBody(response);
    const json = isJson(response) ? parse(body) : undefined;
    if (!isSuccess(response)) return { ok: false, error: this.#statusError(response, json) };
    if (!isJson(response)) return { ok: false, error: transport('BadContentType') };
    return json === undefined ? { ok: false, error: transport('BadJson') } : { ok: true, value: json };
  }

  async #refusal(response: IncomingMessage): Promise<KubernetesError | undefined> {
    if (isSuccess(response) && isJson(response)) return undefined;
    const decoded = await this.#decode(response);
    return decoded.ok ? transport('BadContentType') : decoded.error;
  }

  #statusError({ headers, statusCode = 0 }: IncomingMessage, json: unknown): KubernetesError {
    return statusError(statusCode, json, headers['retry-after'], this.#options.clock.now());
  }
}

const isSuccess = ({ statusCode = 0 }: IncomingMessage): boolean => statusCode >= 200 && statusCode < 300;

function openStream(body: IncomingMessage, deadline: Deadline): OpenStream {
  return {
    body,
    explain: (error) => deadline.explain(error),
    close() {
      deadline.clear();
      body.destroy();
    },
  };
}

function explain(error: unknown, deadline: Deadline): KubernetesError {
  return error instanceof ConnectionError ? transport(error.code) : deadline.explain(error);
}

/** Undefined for what is not JSON: JSON itself has no such value. The parser's message would quote the text. */
export function parse(json: Buffer | string): unknown {
  try {
    return JSON.parse(json.toString());
  } catch {
    return undefined;
  }
}

/** An exec plugin that waits for its user must not hold a call beyond its deadline. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Error('aborted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
