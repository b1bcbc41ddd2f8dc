/**
 * Whether hosts of one store show the same content of one selection.
 *
 * Page ETags are comparable within one host only, so the content is: what was read under page tags is remembered as
 * a fingerprint. Tags of two hosts that stand for the same content are then taken for one another, and a change of
 * host costs one read per selection and no write.
 *
 * Guarantees: content whose newest setting is older than the newest that was read from another host is told apart.
 * Assumptions: a change of a setting sets its time of modification, in whole seconds; hosts share these times.
 */
import { createHash } from 'node:crypto';
import type { PageTags, SettingsPages } from '../ports/azure.ts';
import type { Clock } from '../ports/clock.ts';
import { Flights } from './flights.ts';
import { samePages } from './page-tags.ts';

/**
 * A host that shows nothing newer than before is believed after this long: the newest setting may have been deleted.
 * Replication usually takes seconds.
 */
export const BEHIND_MS = 10 * 60_000;
/** Two per host would do; more against hosts that alternate. */
const MOST = 24;

interface Print {
  readonly tags: PageTags;
  readonly digest: string;
  readonly modifiedAt: number | undefined;
}

export type Relation = 'unknown' | 'same' | 'different' | 'behind';

export class ReplicaVersions {
  /** Reads for the sake of comparing, by host. */
  readonly reads: Flights<SettingsPages>;
  readonly #clock: Clock;
  /** Hosts that show less than the content that was last taken for the truth, and when that was seen first. */
  readonly #behindSince = new Map<string, number>();
  #prints: readonly Print[] = [];
  /** Of the content that was last taken for the truth; undefined before any was read. */
  #modifiedAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.reads = new Flights(clock);
  }

  /** Remembers what was read. */
  record(pages: SettingsPages): void {
    const { host, etags, modifiedAt } = pages;
    const tags = { host, etags };
    const others = this.#prints.filter((print) => !samePages(print.tags, tags));
    this.#prints = [{ tags, digest: digestOf(pages), modifiedAt }, ...others].slice(0, MOST);
  }

  /** What `tags` of one host stand for is taken for the truth. */
  accept(tags: PageTags): void {
    const modifiedAt = this.#print(tags)?.modifiedAt ?? this.#modifiedAt;
    // Who lacked an earlier truth may have caught up unseen, and has the whole time again to do so with this one.
    if (modifiedAt !== this.#modifiedAt) this.#behindSince.clear();
    this.#modifiedAt = modifiedAt;
  }

  /** Would `relation` be known if what `tags` stand for were read now? */
  needsReading(tags: PageTags, newest: PageTags): boolean {
    const comparable = this.#modifiedAt !== undefined || this.#print(newest) !== undefined;
    return comparable && this.#print(tags) === undefined;
  }

  /** The ETags last read from `host`. */
  lastOf(host: string): readonly string[] {
    return this.#prints.find(({ tags }) => tags.host === host)?.tags.etags ?? [];
  }

  /** How what `tags` stand for relates to what `newest`, of another host, stand for. */
  relation(tags: PageTags, newest: PageTags): Relation {
    const [mine, known] = [this.#print(tags), this.#print(newest)];
    if (mine === undefined) return 'unknown';
    const same = mine.digest === known?.digest;
    if (!same && this.#isOlder(mine)) return this.#isLongBehind(tags.host) ? 'different' : 'behind';
    this.#behindSince.delete(tags.host);
    return same ? 'same' : 'different';
  }

  #isOlder({ modifiedAt }: Print): boolean {
    return (modifiedAt ?? -Infinity) < (this.#modifiedAt ?? -Infinity);
  }

  #print(tags: PageTags): Print | undefined {
    return this.#prints.find((print) => samePages(print.tags, tags));
  }

  #isLongBehind(host: string): boolean {
    const now = this.#clock.now();
    // A time of the future is of a clock that was set back since.
    const since = Math.min(this.#behindSince.get(host) ?? now, now);
    this.#behindSince.set(host, since);
    return now - since >= BEHIND_MS;
  }
}

/** All that a binding sees, but not the ETags of the settings: nobody promises that replicas share them. */
function digestOf({ settings, archived }: SettingsPages): string {
  const hash = createHash('sha256').update(JSON.stringify(archived ?? null));
  for (const { etag: _, ...setting } of settings) hash.update(`\n${JSON.stringify(setting)}`);
  return hash.digest('base64');
}
