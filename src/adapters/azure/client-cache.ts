import type { Clock } from '../../ports/clock.ts';

/** Clients unused for this long are dropped: an identity or a vault that no binding names any more. */
export const IDLE_CLIENT_MS = 30 * 60_000;

interface Entry<C> {
  readonly client: C;
  usedAt: number;
}

/** SDK clients by key, least recently used first; dropped when idle or when there are too many. */
export class ClientCache<C> {
  readonly #entries = new Map<string, Entry<C>>();
  readonly #clock: Clock;
  readonly #limit: number;

  constructor(clock: Clock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /** The client of `key`, made by `create` when there is none. */
  get(key: string, create: () => C): C {
    const entry = this.#entries.get(key) ?? { client: create(), usedAt: 0 };
    entry.usedAt = this.#clock.now();
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#prune();
    return entry.client;
  }

  get size(): number {
    return this.#entries.size;
  }

  #prune(): void {
    const idleBefore = this.#clock.now() - IDLE_CLIENT_MS;
    for (const [key, { usedAt }] of this.#entries) {
      if (usedAt >= idleBefore && this.#entries.size <= this.#limit) return;
      this.#entries.delete(key);
    }
  }
}
