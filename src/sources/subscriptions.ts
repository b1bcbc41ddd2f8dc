import type { Selection } from '../domain/store/settings.ts';
import { selectionKey } from '../domain/store/settings.ts';
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

  /** What `subscriberKey` is subscribed to. */
  statesOf(subscriberKey: string): readonly SelectionState[] {
    return [...(this.#wanted.get(subscriberKey) ?? [])].flatMap((key) => this.#states.get(key) ?? []);
  }

  /** Replaces what `subscriberKey` is subscribed to; gives the states that it joined or left. */
  set(subscriberKey: string, selections: readonly Selection[]): readonly SelectionState[] {
    const before = this.#wanted.get(subscriberKey) ?? new Set<string>();
    const after = new Set(selections.map(selectionKey));
    const left = this.statesOf(subscriberKey).filter((state) => !after.has(selectionKey(state.selection)));
    const joined = selections
      .filter((selection) => !before.has(selectionKey(selection)))
      .map((selection) => this.state(selection));
    for (const state of joined) state.subscribers.add(subscriberKey);
    if (after.size === 0) this.#wanted.delete(subscriberKey);
    else this.#wanted.set(subscriberKey, after);
    for (const state of left) this.#leave(state, subscriberKey);
    return [...joined, ...left];
  }

  #leave(state: SelectionState, subscriberKey: string): void {
    state.subscribers.delete(subscriberKey);
    this.#dropUnused(selectionKey(state.selection), state);
  }

  #dropUnused(key: string, state: SelectionState): void {
    if (state.subscribers.size > 0 || this.#states.get(key) !== state) return;
    state.dropContent();
    this.#states.delete(key);
    this.#onCount(this.#states.size);
  }
}
