/**
 * How many requests the bindings of each store ask for, while nothing changes.
 *
 * Guarantees: follows every change of who reads what, how often, as whom, and of page counts; a selection about
 * which none of these has changed is not counted again.
 * Assumptions: a selection that was never read has one page.
 */
import { estimateRequests, type PolledSelection, type RequestEstimate } from '../domain/request-budget.ts';
import { PROOF_MS } from './proofs.ts';
import type { SelectionState } from './selection-state.ts';
import type { Subscriptions } from './subscriptions.ts';

interface Reader {
  readonly intervalMs: number;
  readonly identity?: string;
}

/** An estimate, and the pages that it was made for. */
interface Counted {
  readonly pages: number;
  readonly estimate: RequestEstimate;
}

export class Demand {
  readonly #subscriptions: Pick<Subscriptions, 'states' | 'statesOf'>;
  readonly #readers = new Map<string, Reader>();
  readonly #counted = new WeakMap<SelectionState, Counted>();

  constructor(subscriptions: Pick<Subscriptions, 'states' | 'statesOf'>) {
    this.#subscriptions = subscriptions;
  }

  /** `subscriberKey` looks every `intervalMs`, as `identity` once that is known. */
  note(subscriberKey: string, news: Partial<Reader>): void {
    const known = this.#readers.get(subscriberKey);
    const reader = { intervalMs: Infinity, ...known, ...news };
    if (known?.intervalMs === reader.intervalMs && known.identity === reader.identity) return;
    this.#readers.set(subscriberKey, reader);
    this.recount(this.#subscriptions.statesOf(subscriberKey));
  }

  /** Others subscribe to `states` now than before. */
  recount(states: readonly SelectionState[]): void {
    for (const state of states) this.#counted.delete(state);
  }

  forget(subscriberKey: string): void {
    this.#readers.delete(subscriberKey);
  }

  /** What the store at `host` is asked for. */
  of(host: string): RequestEstimate {
    let [polls, proofs] = [0, 0];
    for (const state of this.#subscriptions.states) {
      if (state.host !== host) continue;
      const more = this.#estimate(state);
      polls += more.polls;
      proofs += more.proofs;
    }
    return { polls, proofs };
  }

  /** Requests per hour to the store that gets most. */
  get greatest(): number {
    const hosts = new Set([...this.#subscriptions.states].map(({ host }) => host));
    const totals = [...hosts].map((host) => this.of(host)).map(({ polls, proofs }) => polls + proofs);
    return Math.max(0, ...totals);
  }

  #estimate(state: SelectionState): RequestEstimate {
    const known = this.#counted.get(state);
    const pages = state.newest?.tags.etags.length ?? 1;
    if (known?.pages === pages) return known.estimate;
    const estimate = estimateRequests([{ pages, looks: this.#looks(state) }], PROOF_MS);
    this.#counted.set(state, { pages, estimate });
    return estimate;
  }

  #looks({ subscribers }: SelectionState): PolledSelection['looks'] {
    return [...subscribers]
      .flatMap((key) => this.#readers.get(key) ?? [])
      .filter(({ intervalMs }) => Number.isFinite(intervalMs));
  }
}
