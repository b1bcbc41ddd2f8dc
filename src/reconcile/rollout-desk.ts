import type { Marker } from '../domain/rollouts/marker.ts';
import type { Underway } from '../domain/rollouts/turn.ts';
import type { Clock } from '../ports/clock.ts';

/** A binding that takes part: its queue key and its namespace. */
export interface Party {
  readonly key: string;
  readonly namespace: string;
}

/** A restart that a binding would like, with the marker that it would set. */
export interface Wish {
  readonly binding: string;
  readonly marker: Marker;
}

export interface DeskOptions {
  readonly clock: Clock;
  /** Rollouts at a time; 0: no limit. */
  readonly perNamespace: number;
  readonly perCluster: number;
  /** Has a binding reconciled soon. */
  readonly wake: (key: string) => void;
}

interface Report {
  readonly namespace: string;
  readonly workloads: ReadonlySet<string>;
  readonly at: number;
}

interface Call {
  readonly party: Party;
  readonly at: number;
}

interface Wished {
  readonly since: number;
  readonly byBinding: Map<string, Wish>;
}

/** A binding that cannot be reconciled (its store is gone) must not hold places for ever. */
const REPORT_AGE_MS = 600_000;
/** A binding that was called and did not come gives its place to the next. */
const CALL_AGE_MS = 60_000;

/**
 * Where the bindings agree on restarts: how many rollouts are under way, who waits for a place, and which restarts
 * of one workload can be made one.
 *
 * Guarantees: a workload counts once, however many bindings restarted it. Who waits is called when a place is free,
 * the longest first. Nothing here decides whether a restart is needed: all of it can be lost, and is made anew from
 * the statuses of the bindings (`heard`) and by their next looks (`wish`, `looked`).
 */
export class RolloutDesk {
  readonly #options: DeskOptions;
  readonly #reports = new Map<string, Report>();
  readonly #wishes = new Map<string, Wished>();
  /** In the order in which they began to wait. */
  readonly #waiting = new Map<string, Party>();
  readonly #called = new Map<string, Call>();
  /** Who has something to look at. */
  readonly #news = new Set<string>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Rollouts under way of workloads other than `workload`, and others who were called for a place and are coming. */
  underway({ key, namespace }: Party, workload: string): Omit<Underway, 'binding'> {
    const all = new Set<string>();
    const here = new Set<string>();
    for (const report of this.#valid())
      for (const id of report.workloads) {
        if (id === idIn(namespace, workload)) continue;
        all.add(id);
        if (report.namespace === namespace) here.add(id);
      }
    const coming = [...this.#called].filter(([other]) => other !== key).map(([, { party }]) => party);
    const comingHere = coming.filter((party) => party.namespace === namespace);
    return { namespace: here.size + comingHere.length, cluster: all.size + coming.length };
  }

  /** All rollouts of a binding that are under way, `Kind/name` each. */
  heard({ key, namespace }: Party, workloads: Iterable<string>): void {
    const ids = new Set([...workloads].map((workload) => idIn(namespace, workload)));
    if (ids.size === 0) this.#reports.delete(key);
    else this.#reports.set(key, { namespace, workloads: ids, at: this.#options.clock.now() });
  }

  /** Whether a binding last told that its rollout of `workload` is under way. */
  isUnderway({ key, namespace }: Party, workload: string): boolean {
    return this.#reports.get(key)?.workloads.has(idIn(namespace, workload)) === true;
  }

  /** One more, between two reports. */
  started({ key, namespace }: Party, workload: string): void {
    const { workloads = [] } = this.#reports.get(key) ?? {};
    const ids = new Set([...workloads, idIn(namespace, workload)]);
    this.#reports.set(key, { namespace, workloads: ids, at: this.#options.clock.now() });
  }

  /**
   * A binding has looked: it took its place, or `waits` for one. Only now others are called, or two who are called for
   * one place would give way to each other for ever.
   */
  looked(party: Party, waits: boolean): void {
    this.#called.delete(party.key);
    if (!waits) this.#waiting.delete(party.key);
    else if (!this.#waiting.has(party.key)) this.#waiting.set(party.key, party);
    this.#callWaiting();
  }

  /** A binding has followed its rollouts: places may have become free. */
  followed(party: Party, workloads: Iterable<string>): void {
    this.heard(party, workloads);
    this.#callWaiting();
  }

  /** Since when someone wishes a restart of `workload`, this one included. */
  wish({ key, namespace }: Party, workload: string, wish: Wish): number {
    const id = idIn(namespace, workload);
    const now = this.#options.clock.now();
    const { since = now, byBinding = new Map<string, Wish>() } = this.#wishes.get(id) ?? {};
    byBinding.set(key, wish);
    const wished = { since: Math.min(since, now), byBinding };
    this.#wishes.set(id, wished);
    return wished.since;
  }

  /** What others wish of `workload`. */
  othersWishes({ key, namespace }: Party, workload: string): readonly Wish[] {
    const { byBinding = new Map<string, Wish>() } = this.#wishes.get(idIn(namespace, workload)) ?? {};
    return [...byBinding].filter(([by]) => by !== key).map(([, wish]) => wish);
  }

  /** `workload` was restarted for all who wished it; the others are called to see. */
  granted({ key, namespace }: Party, workload: string): void {
    const id = idIn(namespace, workload);
    const wishers = [...(this.#wishes.get(id)?.byBinding.keys() ?? [])];
    this.#wishes.delete(id);
    for (const other of wishers) if (other !== key) this.#tell(other);
  }

  /** What this binding no longer wishes is withdrawn. */
  keepWishes({ key, namespace }: Party, workloads: ReadonlySet<string>): void {
    const kept = new Set([...workloads].map((workload) => idIn(namespace, workload)));
    for (const [id, { byBinding }] of this.#wishes) {
      if (!kept.has(id)) byBinding.delete(key);
      if (byBinding.size === 0) this.#wishes.delete(id);
    }
  }

  /** Whether there is something to look at; asked once, it is told once. */
  takeNews(key: string): boolean {
    return this.#news.delete(key);
  }

  forget(party: Party): void {
    this.#news.delete(party.key);
    this.keepWishes(party, new Set());
    this.heard(party, []);
    this.looked(party, false);
  }

  #valid(): readonly Report[] {
    const now = this.#options.clock.now();
    ageFrom(now, this.#reports);
    return [...this.#reports.values()].filter(({ at }) => now - at < REPORT_AGE_MS);
  }

  #callWaiting(): void {
    const now = this.#options.clock.now();
    ageFrom(now, this.#called);
    for (const [key, { at }] of this.#called) if (now - at >= CALL_AGE_MS) this.#called.delete(key);
    for (const [key, party] of this.#waiting) {
      if (!this.#hasPlace(party)) continue;
      this.#waiting.delete(key);
      this.#called.set(key, { party, at: now });
      this.#tell(key);
    }
  }

  #hasPlace(party: Party): boolean {
    const { perNamespace, perCluster } = this.#options;
    const { namespace, cluster } = this.underway(party, '');
    const fits = (limit: number, count: number) => limit === 0 || count < limit;
    return fits(perNamespace, namespace) && fits(perCluster, cluster);
  }

  #tell(key: string): void {
    this.#news.add(key);
    this.#options.wake(key);
  }
}

/**
 * What is of the future, since the clock was set back, ages from now on: otherwise it would hold its place for as long
 * as that, and if it were dropped, its place would be given away twice.
 */
function ageFrom<T extends { readonly at: number }>(now: number, entries: Map<string, T>): void {
  for (const [key, entry] of entries) if (entry.at > now) entries.set(key, { ...entry, at: now });
}

const idIn = (namespace: string, workload: string): string => `${namespace}/${workload}`;
