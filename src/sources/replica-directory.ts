/**
 * The replicas of stores, as far as DNS has told.
 *
 * Guarantees: one lookup per store at a time, in the background; only the first one of a store is ever waited for, and
 * no longer than the caller likes, from its beginning; what is known stays known while DNS is in trouble; only hosts under the store's
 * own trusted domain are handed out.
 * Failure: none; a store without known replicas has none.
 */
import { type Replica, trustedReplicas } from '../domain/store/replicas.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Random } from '../ports/random.ts';
import type { FoundReplicas, ReplicaFinder } from '../ports/replicas.ts';

/** Up to a tenth longer, so that lookups of many stores drift apart. */
export const REFRESH_MS = 30 * 60_000;
/** After a lookup in vain; doubled with each further one, up to {@link REFRESH_MS}. Never sooner, whoever asks. */
export const FIRST_RETRY_MS = 30_000;
/** Of one lookup, with all its questions. */
export const LOOKUP_MS = 10_000;
/** Stores that nobody asked about for so long are forgotten. */
const FORGET_MS = 4 * REFRESH_MS;

export interface ReplicaDirectoryOptions {
  readonly finder: ReplicaFinder;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Domains under which stores are trusted, without a leading dot. */
  readonly suffixes: readonly string[];
}

interface Entry {
  readonly host: string;
  replicas: readonly Replica[];
  usedAt: number;
  /** Of the last lookup that ended; undefined before. */
  lookedAt?: number;
  dueInMs: number;
  failures: number;
  lookup?: { readonly startedAt: number; readonly ended: Promise<void> };
}

export class ReplicaDirectory {
  readonly #options: ReplicaDirectoryOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: ReplicaDirectoryOptions) {
    this.#options = options;
  }

  /** What is known of the store at `host` now; looks it up again in the background when that is due. */
  known(host: string): readonly Replica[] {
    return this.#refreshed(host).replicas;
  }

  /** Waits for the first lookup of a store, until `patienceMs` after it began. */
  async firstLookup(host: string, patienceMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const { lookedAt, lookup } = this.#refreshed(host);
    if (lookedAt !== undefined || lookup === undefined) return;
    const remaining = lookup.startedAt + patienceMs - clock.now();
    if (remaining <= 0) return;
    const enough = new AbortController();
    await Promise.race([lookup.ended, clock.sleep(remaining, AbortSignal.any([signal, enough.signal]))]);
    enough.abort();
  }

  /** No host of the store answers: what is known may be out of date. */
  doubt(host: string): void {
    const entry = this.#refreshed(host);
    entry.dueInMs = Math.min(entry.dueInMs, FIRST_RETRY_MS);
  }

  #refreshed(host: string): Entry {
    const now = this.#options.clock.now();
    const entry = this.#entries.get(host) ?? this.#created(host, now);
    entry.usedAt = now;
    if (entry.lookup === undefined && isDue(entry, now)) {
      const ended = this.#lookUp(entry).finally(() => {
        delete entry.lookup;
      });
      entry.lookup = { startedAt: now, ended };
    }
    return entry;
  }

  #created(host: string, now: number): Entry {
    for (const { host: old, usedAt } of this.#entries.values())
      if (now - usedAt > FORGET_MS) this.#entries.delete(old);
    const entry = { host, replicas: [], usedAt: now, dueInMs: 0, failures: 0 };
    this.#entries.set(host, entry);
    return entry;
  }

  async #lookUp(entry: Entry): Promise<void> {
    const { logger } = this.#options;
    const found = await this.#find(entry.host);
    const before = namesOf(entry.replicas);
    this.#learn(entry, found);
    const replicas = namesOf(entry.replicas);
    if (replicas.join() !== before.join())
      logger.info('The replicas of a store changed.', { store: entry.host, replicas });
    if (!found.complete) logger.debug('DNS does not tell all replicas of a store.', { store: entry.host });
  }

  async #find(host: string): Promise<FoundReplicas> {
    const { finder, clock, logger } = this.#options;
    const deadline = new AbortController();
    const timer = clock.setTimer(LOOKUP_MS, () => deadline.abort());
    try {
      return await finder.findReplicas(host, deadline.signal);
    } catch (error) {
      // Nobody waits for a lookup in the background: a bug in it would end the process.
      logger.error('Looking for replicas failed unexpectedly.', { store: host, error });
      return { replicas: [], complete: false };
    } finally {
      timer.cancel();
    }
  }

  #learn(entry: Entry, { replicas, complete }: FoundReplicas): void {
    const { clock, random, suffixes } = this.#options;
    // An answer that may lack some takes none away.
    const all = complete ? replicas : [...replicas, ...entry.replicas];
    entry.replicas = trustedReplicas(entry.host, all, suffixes);
    entry.lookedAt = clock.now();
    entry.failures = complete ? 0 : entry.failures + 1;
    const wait = complete ? REFRESH_MS : Math.min(FIRST_RETRY_MS * 2 ** (entry.failures - 1), REFRESH_MS);
    entry.dueInMs = wait * (1 + random.next() / 10);
  }
}

/** A clock that was set back says nothing about the age of a lookup. */
const isDue = ({ lookedAt, dueInMs }: Entry, now: number): boolean =>
  lookedAt === undefined || now < lookedAt || now - lookedAt >= dueInMs;

const namesOf = (replicas: readonly Replica[]): readonly string[] =>
  replicas.map(({ host }) => host).toSorted();
