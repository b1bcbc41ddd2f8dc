/**
 * Which identities have seen which pages with their own eyes.
 *
 * Guarantees: an identity holds a proof only for what its own last answer said, and for at most
 * {@link PROOF_MS} after that request began; a refusal takes the proof away, and only a request that began
 * after it gives a new one.
 */
import type { PageTags } from '../ports/azure.ts';
import { samePages } from './page-tags.ts';

/** How long a role that was taken away may still let unchanged content pass. */
export const PROOF_MS = 10 * 60_000;

/** When a request began or an answer came: wall-clock time, and its place among all of these. */
export interface Stamp {
  readonly at: number;
  readonly order: number;
}

interface Entry extends Stamp {
  /** Absent after a refusal; its `order` is then that of the answer. */
  readonly tags?: PageTags;
}

export class Proofs {
  readonly #entries = new Map<string, Entry>();

  /** `identityKey` was given `tags` by a request that began at `stamp`. */
  record(identityKey: string, tags: PageTags, stamp: Stamp): void {
    this.#put(identityKey, { ...stamp, tags });
  }

  /** `identityKey` was refused by an answer received at `stamp`. */
  revoke(identityKey: string, stamp: Stamp): void {
    this.#put(identityKey, stamp);
  }

  /** May `identityKey` use content of exactly `tags`? */
  holds(identityKey: string, tags: PageTags, now: number): boolean {
    const entry = this.#entries.get(identityKey);
    return entry?.tags !== undefined && isYoung(entry, now) && samePages(entry.tags, tags);
  }

  #put(identityKey: string, entry: Entry): void {
    const known = this.#entries.get(identityKey);
    if (known && known.order > entry.order) return;
    this.#entries.delete(identityKey);
    this.#entries.set(identityKey, entry);
    this.#prune(entry.at);
  }

  /**
   * In the order of answers, so this ends at the first that is not old; refusals outlive any request under way just
   * as long. `now` is when a request began: what began after it stays.
   */
  #prune(now: number): void {
    for (const [key, entry] of this.#entries) {
      if (!isOld(entry, now)) return;
      this.#entries.delete(key);
    }
  }
}

const isOld = ({ at }: Stamp, now: number): boolean => now - at > PROOF_MS;

/** One of the future is of a clock that was set back since: its age is unknown. */
const isYoung = (entry: Stamp, now: number): boolean => entry.at <= now && !isOld(entry, now);
