import type { Clock } from '../clock.ts';
import { PUBLIC } from '../hosts.ts';
import { AccessKeys } from './accesskeys.ts';
import { History } from './history.ts';
import {
  compare,
  newEtag,
  type Position,
  type Setting,
  type SettingContent,
  sameContent,
} from './setting.ts';
import { Snapshots } from './snapshots/registry.ts';

/** The store after one write: sorted settings, and answers computed from them (dropped with the version). */
export interface Version {
  readonly sn: number;
  readonly settings: readonly Setting[];
  /** When readers without a sync token may see it, in milliseconds. */
  readonly visibleAt: number;
  readonly cache: Map<string, unknown>;
}

/** How far behind a replica can be: so many versions are kept. */
export const MAX_STALE = 20;

/**
 * The content of one App Configuration store, behind one or more endpoints.
 *
 * Guarantees: every write makes a new immutable version with a higher sequence number, so whatever is computed from
 * a version stays true for it; settings are always in list order.
 * Assumptions: writes are rarer than reads (a write copies the list).
 */
export class Store {
  readonly name: string;
  /** Behind the names of the store and its replicas, as the cloud has it. */
  readonly suffix: string;
  readonly host: string;
  readonly tenantId: string;
  readonly keys = new AccessKeys();
  readonly history = new History();
  readonly snapshots: Snapshots;
  /** Milliseconds during which readers without a sync token still see the state before a write (A.9). */
  hiddenWritesMs = 0;
  readonly #clock: Clock;
  /** Oldest first; some before the newest visible one stay for stale replicas. */
  #versions: Version[];

  constructor(name: string, tenantId: string, clock: Clock, suffix = PUBLIC.storeSuffix) {
    this.name = name;
    this.suffix = suffix;
    this.host = name.toLowerCase() + suffix;
    this.tenantId = tenantId;
    this.#clock = clock;
    this.snapshots = new Snapshots(clock);
    this.#versions = [{ sn: 1, settings: [], visibleAt: 0, cache: new Map() }];
  }

  /** The newest state: what writers see. */
  latest(): Version {
    return this.#versions[this.#versions.length - 1] ?? unreachable();
  }

  /** The state that a reader with this sync token sees, `staleBy` changes behind the newest visible one (A.9). */
  visible(tokenSn: number, staleBy = 0): Version {
    const version = this.#versions[Math.max(0, this.#newestVisible() - staleBy)] ?? unreachable();
    if (version.sn >= tokenSn) return version;
    return this.#versions.find(({ sn }) => sn >= tokenSn) ?? this.latest();
  }

  /** The state at an earlier time, for time travel; answers computed from it are not kept (A.8). */
  at(time: number): Version {
    return { sn: this.visible(0).sn, settings: this.history.at(time), visibleAt: 0, cache: new Map() };
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
      visibleAt: this.hiddenWritesMs === 0 ? 0 : this.#clock.now() + this.hiddenWritesMs,
      cache: new Map(),
    };
    this.history.record(added, removed, this.#clock.now());
    this.#versions.push(version);
    this.#forget();
  }

  #newestVisible(): number {
    const now = this.#clock.now();
    const newest = this.#versions.findLastIndex(({ visibleAt }) => visibleAt <= now);
    return Math.max(0, newest);
  }

  /** Drops answers of versions that only stale replicas show, and versions that not even those show. */
  #forget(): void {
    const newest = this.#newestVisible();
    for (const version of this.#versions.slice(0, newest)) version.cache.clear();
    this.#versions = this.#versions.slice(Math.max(0, newest - MAX_STALE));
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
