import type { Reason } from '../api/reasons.ts';

/**
 * Everything that is expected to go wrong, as one closed union. Bugs are exceptions; these are values.
 *
 * - `invalid-spec`: the user must edit the binding; nothing is retried until then.
 * - `blocked`: someone must act outside the binding (a role, a missing secret, a foreign object).
 * - `throttled`: a server asked for a pause.
 * - `unavailable`: transient; retried with backoff.
 * - `conflict`: an object changed under us; read again at once.
 * - `cancelled`: shutdown or lost lease; write nothing.
 *
 * `message` says what failed, as which identity, and what to do. It is ours, never a server's body.
 */
export type Failure =
  | { readonly kind: 'invalid-spec'; readonly reason: Reason; readonly message: string }
  | {
      readonly kind: 'blocked';
      readonly reason: Reason;
      readonly message: string;
      readonly retryAfterMs?: number;
      /** What to run, where that is known. */
      readonly remedies?: readonly Remedy[];
    }
  | {
      readonly kind: 'throttled';
      readonly reason: Reason;
      readonly message: string;
      readonly retryAfterMs: number;
    }
  | {
      readonly kind: 'unavailable';
      readonly reason: Reason;
      readonly message: string;
      readonly retryAfterMs?: number;
    }
  | { readonly kind: 'conflict'; readonly reason: Reason; readonly message: string }
  | { readonly kind: 'cancelled' };

/**
 * What repairs a cause (`remedies/`): lines for a POSIX shell with the Azure CLI and kubectl; those that begin with `#`
 * explain.
 */
export interface Remedy {
  readonly reason: Reason;
  readonly commands: readonly string[];
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const fail = (failure: Failure): { ok: false; failure: Failure } => ({ ok: false, failure });

export const invalidSpec = (reason: Reason, message: string): Failure => ({
  kind: 'invalid-spec',
  reason,
  message,
});

export const blocked = (reason: Reason, message: string, retryAfterMs?: number): Failure => ({
  kind: 'blocked',
  reason,
  message,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

export const throttled = (reason: Reason, message: string, retryAfterMs: number): Failure => ({
  kind: 'throttled',
  reason,
  message,
  retryAfterMs,
});

export const unavailable = (reason: Reason, message: string, retryAfterMs?: number): Failure => ({
  kind: 'unavailable',
  reason,
  message,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

export const conflict = (reason: Reason, message: string): Failure => ({ kind: 'conflict', reason, message });
export const cancelled: Failure = { kind: 'cancelled' };
