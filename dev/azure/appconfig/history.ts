import { compare, type Setting } from './setting.ts';

/** A setting as it was between two writes; times in milliseconds, `until` is Infinity for what still stands. */
interface Revision {
  readonly setting: Setting;
  readonly from: number;
  until: number;
}

/** Kept after a revision was replaced: 30 days, as in the Standard tier (A.8, A.10). */
const RETENTION_MS = 30 * 24 * 3600 * 1000;

/**
 * Everything a store has held: what time travel and `/revisions` read (A.7, A.8).
 *
 * Guarantees: each write adds one revision per setting; a deletion adds none, it ends the last.
 */
export class History {
  readonly #byPosition = new Map<string, Revision[]>();

  record(added: readonly Setting[], removed: readonly Setting[], now: number): void {
    for (const setting of removed) this.#end(setting, now);
    for (const setting of added) {
      this.#end(setting, setting.lastModified);
      this.#revisions(setting).push({ setting, from: setting.lastModified, until: Number.POSITIVE_INFINITY });
    }
  }

  /** The settings that stood at a time, in list order. */
  at(time: number): Setting[] {
    const standing = this.#all().filter(({ from, until }) => from <= time && time < until);
    return standing.map(({ setting }) => setting).sort(compare);
  }

  /** All revisions within the retention: by key and label, newest first inside each (A.4). */
  revisions(now: number): Setting[] {
    const groups = [...this.#byPosition.values()].map((revisions) =>
      revisions.filter(({ until }) => until > now - RETENTION_MS).map(({ setting }) => setting),
    );
    // A stable sort: inside a position, newest first stays.
    return groups.flatMap((settings) => settings.toReversed()).sort(compare);
  }

  #end(setting: Setting, now: number): void {
    const last = this.#revisions(setting).at(-1);
    if (last && last.until === Number.POSITIVE_INFINITY) last.until = now;
  }

  #revisions({ key, label }: Setting): Revision[] {
    const id = JSON.stringify([key, label]);
    const known = this.#byPosition.get(id) ?? [];
    this.#byPosition.set(id, known);
    return known;
  }

  #all(): Revision[] {
    return [...this.#byPosition.values()].flat();
  }
}
