/**
 * The life of an informer as a pure state machine: list page by page, watch, and come back from every error.
 *
 * The driver carries out what a state says (list, watch, wait) and feeds the result back as an input.
 */
import type { KubernetesError } from '../ports/kubernetes.ts';

/** `failures` counts failures in a row, for the backoff; it is kept until a watch proves to work. */
export type InformerState =
  | { readonly kind: 'listing'; readonly continueToken: string | undefined; readonly failures: number }
  | { readonly kind: 'watching'; readonly resourceVersion: string; readonly failures: number }
  | {
      readonly kind: 'waiting';
      readonly why: WaitReason;
      readonly next: Listing | Watching;
      readonly failures: number;
    }
  | { readonly kind: 'stopped' };

export type Listing = Extract<InformerState, { kind: 'listing' }>;
export type Watching = Extract<InformerState, { kind: 'watching' }>;

/** `spread`: nothing is wrong with the server, but many clients may come at once. `backoff`: something failed. */
export type WaitReason =
  | { readonly kind: 'spread' }
  | { readonly kind: 'backoff'; readonly retryAfterMs: number | undefined };

export type InformerInput =
  | { readonly kind: 'page'; readonly resourceVersion: string; readonly continueToken: string | undefined }
  | { readonly kind: 'list-failed'; readonly error: KubernetesError }
  /** An object or a bookmark arrived. */
  | { readonly kind: 'progress'; readonly resourceVersion: string }
  | { readonly kind: 'watch-ended'; readonly end: WatchEnd; readonly lastedMs: number }
  | { readonly kind: 'waited' }
  | { readonly kind: 'stop' };

/** `silent`: neither an event nor a bookmark in time, so the connection is taken for dead. */
export type WatchEnd =
  | { readonly kind: 'closed' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'failed'; readonly error: KubernetesError };

/** A watch that stood this long worked, even if nothing happened on it. */
const PROVEN_MS = 10_000;

export const initial: InformerState = { kind: 'listing', continueToken: undefined, failures: 0 };

export function step(state: InformerState, input: InformerInput): InformerState {
  if (state.kind === 'stopped' || input.kind === 'stop') return { kind: 'stopped' };
  switch (state.kind) {
    case 'listing':
      return listed(state, input);
    case 'watching':
      return watched(state, input);
    case 'waiting':
      return input.kind === 'waited' ? state.next : unexpected(state, input);
  }
}

function listed(state: Listing, input: InformerInput): InformerState {
  if (input.kind === 'list-failed') return relist(state.failures + 1, input.error);
  if (input.kind !== 'page') return unexpected(state, input);
  if (input.continueToken !== undefined) return { ...state, continueToken: input.continueToken };
  return { kind: 'watching', resourceVersion: input.resourceVersion, failures: state.failures };
}

function watched(state: Watching, input: InformerInput): InformerState {
  if (input.kind === 'progress') return { ...state, resourceVersion: input.resourceVersion, failures: 0 };
  if (input.kind !== 'watch-ended') return unexpected(state, input);
  const failures = input.lastedMs >= PROVEN_MS ? 0 : state.failures;
  const { end } = input;
  if (end.kind === 'failed' && mustRelist(end.error)) return relist(failures + 1, end.error);
  // A server that closes at once, again and again, must not be asked without pause.
  if (end.kind === 'closed' && input.lastedMs >= PROVEN_MS) return { ...state, failures: 0 };
  return rewatch(state.resourceVersion, failures + 1, end.kind === 'failed' ? end.error : undefined);
}

function relist(failures: number, error: KubernetesError): InformerState {
  const next: Listing = { kind: 'listing', continueToken: undefined, failures };
  const why = failures === 1 && isExpired(error) ? ({ kind: 'spread' } as const) : backoff(error);
  return { kind: 'waiting', why, next, failures };
}

function rewatch(
  resourceVersion: string,
  failures: number,
  error: KubernetesError | undefined,
): InformerState {
  const next: Watching = { kind: 'watching', resourceVersion, failures };
  return { kind: 'waiting', why: backoff(error), next, failures };
}

const backoff = (error: KubernetesError | undefined): WaitReason => ({
  kind: 'backoff',
  retryAfterMs: error?.kind === 'status' ? error.retryAfterMs : undefined,
});

/** The resourceVersion, or the continue token of a list, is older than what the server still remembers. */
export const isExpired = (error: KubernetesError): boolean => error.kind === 'status' && error.code === 410;

/** An event that cannot be read would come again on resume: only a new list gets past it. */
const mustRelist = (error: KubernetesError): boolean =>
  isExpired(error) || (error.kind === 'transport' && error.code === 'BadJson');

function unexpected(state: InformerState, input: InformerInput): never {
  throw new Error(`Input ${input.kind} has no meaning while ${state.kind}.`);
}
