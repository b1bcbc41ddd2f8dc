/**
 * How many requests the bindings of each store ask for, while nothing changes.
 *
 * Guarantees: follows every change of who reads what, how often, as whom, and of page counts; computed only after
 * such a change.
 * Assumptions: a selection that was never read has one page.
 */
import { estimateRequests, type PolledSelection, type RequestEstimate } from '../domain/request-budget.ts';
import { PROOF_MS } from './proofs.ts';
import type { SelectionState } from './selection-state.ts';

interface Reader {
  readonly intervalMs: number;
  readonly identity?: string;
}

export class Demand {
  readonly #states: () => Iterable<SelectionState>;
  readonly #readers = new Map<string, Reader>();
  #estimates: ReadonlyMap<string, RequestEstimate> | undefined;

  constructor(states: () => Iterable<SelectionState>) {
    this.#states = states;
  }

  /** `subscriberKey` looks every `intervalMs`, as `identity` once that is known. */
  note(subscriberKey: string, news: Partial<Reader>): void {
    const known = this.#readers.get(subscriberKey);
    const reader = { intervalMs: Infinity, ...known, ...news };
    if (known?.intervalMs === reader.intervalMs && known.identity === reader.identity) return;
    this.#readers.set(subscriberKey, reader);
    this.changed();
  }

  forget(subscriberKey: string): void {
    if (this.#readers.delete(subscriberKey)) this.changed();
  }

  /** Selections or their page counts have changed. */
  changed(): void {
    this.#estimates = undefined;
  }

  /** What the store at `host` is asked for. */
  of(host: string): RequestEstimate {
    return this.#current().get(host) ?? NOTHING;
  }

  /** Requests per hour to the store that gets most. */
  get greatest(): number {
    return Math.max(0, ...[...this.#current().values()].map(({ polls, proofs }) => polls + proofs));
  }

  #current(): ReadonlyMap<string, RequestEstimate> {
    this.#estimates ??= this.#estimate();
    return this.#estimates;
  }

  #estimate(): ReadonlyMap<string, RequestEstimate> {
    const byHost = Map.groupBy(this.#states(), ({ host }) => host);
    const estimates = [...byHost].map(([host, states]) => {
      const selections = states.map((state) => this.#polled(state));
      return [host, estimateRequests(selections, PROOF_MS)] as const;
    });
    return new Map(estimates);
  }

  #polled({ newest, subscribers }: SelectionState): PolledSelection {
    const looks = [...subscribers].flatMap((key) => this.#readers.get(key) ?? []);
    return { pages: newest?.tags.etags.length ?? 1, looks: looks.filter(isRegular) };
  }
}

const NOTHING: RequestEstimate = { polls: 0, proofs: 0 };

const isRegular = ({ intervalMs }: Reader): boolean => Number.isFinite(intervalMs);
