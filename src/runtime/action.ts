/**
 * What a reconcile wants next. A change of the object always brings it back, whatever it answered.
 *
 * - `done`: nothing until something changes.
 * - `requeueAfter`: again in `ms`; replaces what the last run had asked for.
 * - `retry`: again after a backoff that grows with each retry in a row.
 */
export type Action =
  | { readonly kind: 'done' }
  | { readonly kind: 'requeueAfter'; readonly ms: number }
  | { readonly kind: 'retry' };

export const done: Action = { kind: 'done' };
export const retry: Action = { kind: 'retry' };
export const requeueAfter = (ms: number): Action => ({ kind: 'requeueAfter', ms });

/**
 * Makes the world match what `key` asks for, from what is true now, not from what happened.
 *
 * `signal` aborts on shutdown and on a lost lease: write nothing more and return soon. Throwing is a bug: it is told
 * and retried with backoff.
 */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<Action>;
