import type { KubernetesError } from '../../../src/ports/kubernetes.ts';

/** A call as the interceptor and the log see it. */
export interface ClusterCall {
  /** Counts the calls of one client, from 0. */
  readonly index: number;
  /** Counts the writes of one client, from 0; undefined for reads. */
  readonly write: number | undefined;
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'apply' | 'delete' | 'token';
  /** Plural, with `/status` for that subresource. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** The object or patch that is sent. */
  readonly body: object | undefined;
}

/**
 * What happens to a call.
 *
 * - `fail`: the caller gets `error`; with `applied` the cluster did what was asked nevertheless, as when an answer is
 *   lost.
 * - `crash`: the process that called dies, before the cluster acts or after: none of its calls, this one included, is
 *   ever answered again, and none of its later calls has an effect.
 */
export type Verdict =
  | 'proceed'
  | { readonly kind: 'fail'; readonly error: KubernetesError; readonly applied?: boolean }
  | { readonly kind: 'crash'; readonly when: 'before' | 'after' };

/** May return a promise, to hold a call back. */
export type Interceptor = (call: ClusterCall) => Verdict | Promise<Verdict>;

export const failWith = (error: KubernetesError): Verdict => ({ kind: 'fail', error });
export const answerLost = (error: KubernetesError): Verdict => ({ kind: 'fail', error, applied: true });
/** Kills the client at its n-th write, counted from 0. */
export const crashAtWrite =
  (n: number, when: 'before' | 'after'): Interceptor =>
  ({ write }) =>
    write === n ? { kind: 'crash', when } : 'proceed';

/** A write as it arrived and what became of it. */
export interface WriteRecord extends ClusterCall {
  readonly manager: string;
  /** HTTP status. */
  readonly code: number;
  /** Of the object after the write; equal to the one before when nothing changed. */
  readonly resourceVersion: string | undefined;
  /** Whether the write changed anything. */
  readonly changed: boolean;
}
