import type { Clock } from '../../ports/clock.ts';
import type { KubernetesError } from '../../ports/kubernetes.ts';
import { cancelled, timeout, transport, transportCode } from './errors.ts';

/**
 * When one call must end: after `ms`, or when the caller aborts. `signal` aborts in both cases, and `explain` tells
 * which of them, or else what the network did, made the call fail.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#end(cancelled);
  #cancelTimer: () => void;
  #reason: KubernetesError | undefined;

  constructor(clock: Clock, ms: number, caller: AbortSignal | undefined) {
    const timer = clock.setTimer(ms, () => this.#end(timeout));
    this.#cancelTimer = () => timer.cancel();
    this.#caller = caller;
    if (caller?.aborted) this.#end(cancelled);
    else caller?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The caller's signal stays in force, the time limit does not: a stream has been opened. */
  lift(): void {
    this.#cancelTimer();
  }

  /** Must be called when the call is over, or the caller's signal keeps a listener. */
  clear(): void {
    this.#cancelTimer();
    this.#caller?.removeEventListener('abort', this.#onAbort);
  }

  explain(error: unknown): KubernetesError {
    return this.#reason ?? transport(transportCode(error));
  }

  #end(reason: KubernetesError): void {
    this.#reason ??= reason;
    this.#controller.abort();
  }
}
