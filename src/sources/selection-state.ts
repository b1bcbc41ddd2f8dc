/**
 * What is known of one selection: who wants it, its newest page ETags, and for a short time its content.
 *
 * Guarantees: never goes back in time: an answer that differs counts only if its request began after the newest
 * known answer was received.
 */
import type { Selection, Setting } from '../domain/store/settings.ts';
import type { Archived, PageTags, SettingsPages } from '../ports/azure.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { Flights } from './flights.ts';
import { samePages } from './page-tags.ts';
import { Proofs, type Stamp } from './proofs.ts';

/** Content is kept only for the burst of bindings that follows a change, so that memory stays flat. */
export const KEEP_CONTENT_MS = 60_000;

/** Page ETags; times are milliseconds since the epoch. */
export interface Observation {
  readonly tags: PageTags;
  /** When the request that saw them began. */
  readonly observedAt: number;
  /** When an answer first told them: by then the store held what they stand for. */
  readonly since: number;
}

export interface Content {
  readonly tags: PageTags;
  readonly settings: readonly Setting[];
  /** Only of an archived snapshot. */
  readonly archived?: Archived;
}

/** The parts of an answer, apart. */
export const contentOf = ({ host, etags, modifiedAt: _, ...rest }: SettingsPages): Content => ({
  tags: { host, etags },
  ...rest,
});

/** `late`: an answer that may be older than the newest known; to be thrown away. */
export type Sighting = 'first' | 'same' | 'changed' | 'late';

export class SelectionState {
  readonly selection: Selection;
  readonly host: string;
  readonly subscribers = new Set<string>();
  readonly proofs = new Proofs();
  readonly heads: Flights<Observation>;
  readonly reads: Flights<Content>;
  readonly #clock: Clock;
  #newest: (Observation & { readonly received: number }) | undefined;
  #content: Content | undefined;
  #timer: Timer | undefined;

  constructor(selection: Selection, clock: Clock) {
    this.selection = selection;
    this.host = new URL(selection.endpoint).host;
    this.#clock = clock;
    this.heads = new Flights(clock);
    this.reads = new Flights(clock);
  }

  get newest(): Observation | undefined {
    return this.#newest;
  }

  isNewest(tags: PageTags): boolean {
    return this.#newest !== undefined && samePages(this.#newest.tags, tags);
  }

  /**
   * An answer with `tags` to a request that began at `stamp`, received at `received` of the same order.
   * Two requests that overlap may be answered in any order, so one of them may not overrule the other.
   */
  see(tags: PageTags, stamp: Stamp, received: Stamp): Sighting {
    const newest = this.#newest;
    const same = newest !== undefined && samePages(newest.tags, tags);
    if (newest && stamp.order < newest.received && !same) return 'late';
    // A time of the future is of a clock that was set back since: kept, it would hide that the store was asked now.
    const known = same && newest.observedAt <= received.at ? newest.observedAt : 0;
    const observedAt = Math.max(stamp.at, known);
    const since = same ? Math.min(newest.since, received.at) : received.at;
    this.#newest = { tags, observedAt, since, received: received.order };
    if (!newest || same) return newest ? 'same' : 'first';
    this.dropContent();
    return 'changed';
  }

  /** Keeps what was read, unless something newer is known. */
  keep(content: Content): void {
    if (!this.isNewest(content.tags)) return;
    this.dropContent();
    this.#content = content;
    this.#timer = this.#clock.setTimer(KEEP_CONTENT_MS, () => this.dropContent());
  }

  /** The newest content, if it is at hand. */
  get content(): Content | undefined {
    return this.#content;
  }

  /** Did `identityKey` itself see the newest ETags? */
  isProven(identityKey: string): boolean {
    return this.#newest !== undefined && this.proofs.holds(identityKey, this.#newest.tags, this.#clock.now());
  }

  dropContent(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#content = undefined;
  }
}
