import type { Clock } from '../clock.ts';
import { storeHost } from '../hosts.ts';
import {
  compare,
  newEtag,
  type Position,
  type Setting,
  type SettingContent,
  sameContent,
} from './setting.ts';
import { SyncTokens } from './synctoken.ts';

/** The store after one write: sorted settings, and answers computed from them (dropped with the version). */
export interface Version {
  readonly sn: number;
  readonly settings: readonly Setting[];
  /** When readers without a sync token may see it, in milliseconds. */
  readonly visibleAt: number;
  readonly cache: Map<string, unknown>;
}

export type NetworkAccess = 'open' | 'denied';

/**
 * One App Configuration store.
 *
 * Guarantees: every write makes a new immutable version with a higher sequence number, so whatever is computed from
 * a version stays true for it; settings are always in list order.
 * Assumptions: writes are rarer than reads (a write copies the list).
 */
export class Store {
  readonly name: string;
  readonly host: string;
  readonly tenantId: string;
  readonly syncTokens: SyncTokens;
  network: NetworkAccess = 'open';
  /** Milliseconds during which readers without a sync token still see the state before a write (A.9). */
  hiddenWritesMs = 0;
  /** Requests per day of a Free store; undefined: no quota (A.10). */
  dailyQuota: number | undefined;
  readonly #clock: Clock;
  /** Oldest visible version first, newest last. */
  #versions: Version[];
  #quotaDay = '';
  #quotaUsed = 0;

  constructor(name: string, tenantId: string, clock: Clock) {
    this.name = name;
    this.host = storeHost(name);
    this.tenantId = tenantId;
    this.syncTokens = new SyncTokens(this.host);
    this.#clock = clock;
    this.#versions = [{ sn: 1, settings: [], visibleAt: 0, cache: new Map() }];
  }

  /** The newest state: what writers see. */
  latest(): Version {
    return this.#versions[this.#versions.length - 1] ?? unreachable();
  }

  /** The state that a reader with this sync token sees: at least as new as the token (A.9). */
  visible(tokenSn: number): Version {
    if (this.#versions.length === 1) return this.latest();
    const now = this.#clock.now();
    const newest = this.#versions.findLastIndex((version) => version.visibleAt <= now);
    this.#versions = this.#versions.slice(Math.max(0, newest));
    return this.#versions.find((version) => version.sn >= tokenSn) ?? this.latest();
  }

  get(position: Position, version = this.latest()): Setting | undefined {
    const found = version.settings[lowerBound(version.settings, position)];
    return found && compare(found, position) === 0 ? found : undefined;
  }

  /** Creates or replaces; identical content changes nothing and returns what is stored (A.7). */
  put(position: Position, content: SettingContent): Setting {
    const existing = this.get(position);
    if (existing && sameContent(existing, content)) return existing;
    const setting = this.#create(position, content, existing?.locked ?? false);
    this.#write([setting], []);
    return setting;
  }

  /** Stores settings as they are, in one write; used by seeds, which may restore etags. */
  putAll(settings: readonly Setting[]): void {
    if (settings.length > 0) this.#write(settings, []);
  }

  /** The deleted setting, or undefined when there was none. */
  delete(position: Position): Setting | undefined {
    const existing = this.get(position);
    if (existing) this.#write([], [existing]);
    return existing;
  }

  /** Etag and last_modified change with the lock (A.7); undefined when the setting is absent. */
  lock(position: Position, locked: boolean): Setting | undefined {
    const existing = this.get(position);
    if (!existing) return undefined;
    const setting = { ...existing, locked, etag: newEtag(), lastModified: this.#clock.now() };
    this.#write([setting], []);
    return setting;
  }

  /** Counts one request; the milliseconds until 00:00 UTC when the daily quota is used up, else undefined. */
  spend(): number | undefined {
    if (this.dailyQuota === undefined) return undefined;
    const now = this.#clock.now();
    const day = new Date(now).toISOString().slice(0, 10);
    if (day !== this.#quotaDay) {
      this.#quotaDay = day;
      this.#quotaUsed = 0;
    }
    this.#quotaUsed += 1;
    if (this.#quotaUsed <= this.dailyQuota) return undefined;
    return Date.parse(`${day}T00:00:00Z`) + 24 * 3600 * 1000 - now;
  }

  #create({ key, label }: Position, content: SettingContent, locked: boolean): Setting {
    return {
      etag: newEtag(),
      key,
      label,
      contentType: content.contentType ?? null,
      value: content.value ?? null,
      tags: content.tags ?? {},
      description: content.description ?? null,
      locked,
      lastModified: this.#clock.now(),
    };
  }

  #write(added: readonly Setting[], removed: readonly Setting[]): void {
    const { sn, settings } = this.latest();
    const version = {
      sn: sn + 1,
      settings: merge(settings, added, removed),
      visibleAt: this.#clock.now() + this.hiddenWritesMs,
      cache: new Map(),
    };
    if (this.hiddenWritesMs === 0) this.#versions = [version];
    else this.#versions.push(version);
  }
}

function merge(
  settings: readonly Setting[],
  added: readonly Setting[],
  removed: readonly Setting[],
): Setting[] {
  const merged = [...settings];
  if (added.length > 1) return mergeMany(merged, added);
  for (const setting of removed) merged.splice(lowerBound(merged, setting), 1);
  for (const setting of added) {
    const at = lowerBound(merged, setting);
    const replaced = merged[at];
    merged.splice(at, replaced && compare(replaced, setting) === 0 ? 1 : 0, setting);
  }
  return merged;
}

/** Later entries win at equal positions. */
function mergeMany(settings: readonly Setting[], added: readonly Setting[]): Setting[] {
  const byPosition = new Map<string, Setting>();
  for (const setting of [...settings, ...added])
    byPosition.set(JSON.stringify([setting.key, setting.label]), setting);
  return [...byPosition.values()].sort(compare);
}

/** Index of the first setting that is not before the position. */
export function lowerBound(settings: readonly Setting[], position: Position): number {
  let low = 0;
  let high = settings.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const setting = settings[middle];
    if (setting && compare(setting, position) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function unreachable(): never {
  throw new Error('a store always has a version');
}
