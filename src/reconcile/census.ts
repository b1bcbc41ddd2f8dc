import type { AppConfigBinding } from '../api/schema.ts';
import { censusOf } from '../domain/census.ts';
import type { Metrics } from '../ports/metrics.ts';

/**
 * Tells the metrics how all bindings are.
 *
 * Guarantees: a reason or phase that no binding has any more goes back to 0; it does not stay as it was last seen.
 */
export class CensusTaker {
  readonly #metrics: Metrics;
  readonly #reasons = new Set<string>();
  readonly #phases = new Set<string>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  count(bindings: readonly AppConfigBinding[]): void {
    const { ready, unready, unreadyByReason, stale, warning, rolloutsByPhase } = censusOf(bindings);
    this.#metrics.set('bindings', { ready: 'true' }, ready);
    this.#metrics.set('bindings', { ready: 'false' }, unready);
    this.#metrics.set('bindings_stale', {}, stale);
    this.#metrics.set('bindings_warning', {}, warning);
    for (const reason of seen(this.#reasons, unreadyByReason))
      this.#metrics.set('bindings_unready', { reason }, unreadyByReason.get(reason) ?? 0);
    for (const phase of seen(this.#phases, rolloutsByPhase))
      this.#metrics.set('rollouts', { phase }, rolloutsByPhase.get(phase) ?? 0);
  }
}

function seen(known: Set<string>, now: ReadonlyMap<string, number>): ReadonlySet<string> {
  for (const word of now.keys()) known.add(word);
  return known;
}
