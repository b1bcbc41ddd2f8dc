/**
 * One call of an SDK as a value. The SDKs throw errors whose messages may quote bodies and whose members
 * differ between them; what is judged here is the HTTP answer itself, seen on its way in.
 */
import type { Failure } from '../../domain/failure.ts';
import { failureIn } from './failure-error.ts';

/** The part of an HTTP answer that decisions are made of. */
export interface Answer {
  readonly status: number;
  header(name: string): string | undefined;
  /** Parsed JSON, or undefined when the body is something else. Never to be quoted. */
  readonly body: unknown;
}

/**
 * - `done`: the SDK understood the answer.
 * - `answered`: an answer the SDK reports as an error (304 included).
 * - `garbled`: a 2xx the SDK cannot read (a malformed header or body).
 * - `failure`: our own, thrown through the SDK (no token).
 * - `network`: no answer; `code` is an errno or a TLS error code.
 */
export type SdkOutcome<T> =
  | { readonly kind: 'done'; readonly value: T; readonly answer: Answer }
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'garbled' }
  | { readonly kind: 'failure'; readonly failure: Failure }
  | { readonly kind: 'network'; readonly code: string }
  | { readonly kind: 'cancelled' };

/** What the SDKs hand to `onResponse`, as far as it is used. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | undefined };
  readonly bodyAsText?: string | null;
  readonly parsedBody?: unknown;
}

/** Runs `call`, which must hand `onResponse` and the signal to the SDK, and never throws. */
export async function callSdk<T>(
  call: (onResponse: (raw: RawAnswer) => void) => Promise<T>,
  signal: AbortSignal,
): Promise<SdkOutcome<T>> {
  let answer: Answer | undefined;
  try {
    const value = await call((raw) => {
      answer = answerOf(raw);
    });
    return answer === undefined ? { kind: 'garbled' } : { kind: 'done', value, answer };
  } catch (error) {
    return outcomeOf(error, answer, signal);
  }
}

function outcomeOf(error: unknown, answer: Answer | undefined, signal: AbortSignal): SdkOutcome<never> {
  if (signal.aborted) return { kind: 'cancelled' };
  const failure = failureIn(error);
  if (failure) return { kind: 'failure', failure };
  if (answer) return answer.status < 300 ? { kind: 'garbled' } : { kind: 'answered', answer };
  return { kind: 'network', code: codeOf(error) };
}

/** An errno, a TLS code or a constant: safe to print, unlike messages. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : 'UNKNOWN';
}

function answerOf(raw: RawAnswer): Answer {
  return {
    status: raw.status,
    header: (name) => raw.headers.get(name),
    body: raw.parsedBody ?? parsed(raw.bodyAsText),
  };
}

function parsed(text: string | null | undefined): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `value[name]` if `value` is an object and the member a string. */
export function stringMember(value: unknown, name: string): string | undefined {
  const member = objectMember(value, name);
  return typeof member === 'string' ? member : undefined;
}

/** `value[name]` if `value` is an object. */
export function objectMember(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
