import type { Selection } from '../domain/settings.ts';
import { selectionKey } from '../domain/settings.ts';
import type { Clock } from '../ports/clock.ts';
import { SelectionState } from './selection-state.ts';

/** A selection read without a subscriber is forgotten after this long. */
export const UNSUBSCRIBED_MS = 60_000;

/** The states of all selections in use, and who uses them. */
export class Subscriptions {
  readonly #clock: Clock;
  readonly #onCount: (selections: number) => void;
  readonly #states = new Map<string, SelectionState>();
  readonly #wanted = new Map<string, ReadonlySet<string>>();

  constructor(clock: Clock, onCount: (selections: number) => void) {
    this.#clock = clock;
    this.#onCount = onCount;
  }

  get states(): Iterable<SelectionState> {
    return this.#states.values();
  }

  /** The state of `selection`, new if nobody used it until now. */
  state(selection: Selection): SelectionState {
    const key = selectionKey(selection);
    const known = this.#states.get(key);
    if (known) return known;
    const state = new SelectionState(selection, this.#clock);
    this.#states.set(key, state);
    this.#onCount(this.#states.size);
    this.#clock.setTimer(UNSUBSCRIBED_MS, () => this.#dropUnused(key, state));
    return state;
  }

  /** Replaces what `subscriberKey` is subscribed to; says whether that is news. */
  set(subscriberKey: string, selections: readonly Selection[]): boolean {
    const before = this.#wanted.get(subscriberKey) ?? new Set<string>();
    const after = new Set(selections.map(selectionKey));
    for (const selection of selections) this.state(selection).subscribers.add(subscriberKey);
    if (after.size === 0) this.#wanted.delete(subscriberKey);
    else this.#wanted.set(subscriberKey, after);
    for (const key of before) if (!after.has(key)) this.#leave(key, subscriberKey);
    return before.size !== after.size || [...before].some((key) => !after.has(key));
  }

  #leave(key: string, subscriberKey: string): void {
    const state = this.#states.get(key);
    state?.subscribers.delete(subscriberKey);
    if (state) this.#dropUnused(key, state);
  }

  #dropUnused(key: string, state: SelectionState): void {
    if (state.subscribers.size > 0 || this.#states.get(key) !== state) return;
    state.dropContent();
    this.#states.delete(key);
    this.#onCount(this.#states.size);
  }
}
