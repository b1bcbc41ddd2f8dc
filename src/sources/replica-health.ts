/**
 * Which hosts of replicated stores are in trouble, for all who read from them.
 *
 * Guarantees: a host is in trouble from its first failure until it answers again; one probe per host at a time.
 * How long it is left alone is the gate's matter.
 */
import type { Reason } from '../api/reasons.ts';
import type { Failure, Result } from '../domain/failure.ts';
import type { Logger } from '../ports/logger.ts';
import { DATA_HOST } from './host-rules.ts';

/** Failures of the host, or of the way to it; a refusal is an answer, and every host would give the same. */
const OF_HOST: ReadonlySet<Reason> = DATA_HOST.holding;

export class ReplicaHealth {
  readonly #logger: Logger;
  readonly #troubled = new Set<string>();
  readonly #probed = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  isTroubled(host: string): boolean {
    return this.#troubled.has(host);
  }

  /** Learns from what a call to `host` came to. */
  learn(host: string, result: Result<unknown>): void {
    if (!result.ok && isOfHost(result.failure)) this.#fail(host, result.failure.reason);
    else if (result.ok || isAnswer(result.failure)) this.#recover(host);
  }

  /** Asks a host in trouble whether it is back, while nobody waits for it. */
  probe(host: string, call: () => Promise<Result<unknown>>): void {
    if (this.#probed.has(host)) return;
    this.#probed.add(host);
    const probed = async () => this.learn(host, await call());
    // A bug shows when the host is asked for real; here it would end the process.
    void probed()
      .catch(() => undefined)
      .finally(() => this.#probed.delete(host));
  }

  #fail(host: string, reason: Reason): void {
    if (this.#troubled.has(host)) return;
    this.#troubled.add(host);
    this.#logger.info('A host of a store fails.', { host, reason });
  }

  #recover(host: string): void {
    if (!this.#troubled.delete(host)) return;
    this.#logger.info('A host of a store answers again.', { host });
  }
}

export type HostFailure = Extract<Failure, { kind: 'throttled' | 'unavailable' }>;

/** Another host may do better. */
export const isOfHost = (failure: Failure): failure is HostFailure =>
  (failure.kind === 'throttled' || failure.kind === 'unavailable') && OF_HOST.has(failure.reason);

const isAnswer = (failure: Failure): boolean =>
  failure.kind !== 'cancelled' && DATA_HOST.answered.test(failure.reason);
