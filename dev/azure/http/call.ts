import type { IncomingHttpHeaders } from 'node:http';
import type { Query } from './query.ts';

/**
 * The services; also the value of `service` in log records and faults. `imds` and `identitybinding` answer apart, on ports
 * of their own.
 */
export type ServiceName = 'appconfig' | 'keyvault' | 'entra' | 'imds' | 'identitybinding';

/** One request as a service sees it. */
export interface Call {
  readonly host: string;
  readonly method: string;
  /** Path and query exactly as on the request line. */
  readonly target: string;
  /** Still percent-encoded: App Configuration must see `%25` and `%2F` itself. */
  readonly path: string;
  readonly query: Query;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One response; `principal` and `code` only feed the request log. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Application id of the caller, when a token was accepted. */
  readonly principal?: string | undefined;
  /** The service's own error code: `SecretNotFound`, `AADSTS700213`, … */
  readonly code?: string | undefined;
}

/** A service behind the front door. */
export interface Service {
  readonly name: ServiceName;
  /** Must not throw for anything a client can send. */
  answer(call: Call): Answer | Promise<Answer>;
  /** The service's native error for a status, used by faults that name only a status. */
  nativeError(status: number, call: Call): Answer;
}

export const JSON_TYPE = 'application/json; charset=utf-8';

/** A JSON answer with optional further headers. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: JSON.stringify(value) };
}

/** The value of a header that may have been sent more than once. */
export function header(call: Call, name: string): string | undefined {
  const value = call.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

/** The request body as a JSON object, or undefined when it is anything else. */
export function jsonBody(call: Call): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(call.body.toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A plain JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
