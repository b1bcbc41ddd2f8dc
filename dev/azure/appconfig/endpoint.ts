import type { Clock } from '../clock.ts';
import { DailyQuota } from './quota.ts';
import type { Store, Version } from './store.ts';
import { SyncTokens } from './synctoken.ts';

/** `denied`: refused by a network rule; `black-hole`: packets vanish, nothing ever answers. */
export type NetworkAccess = 'open' | 'denied' | 'black-hole';

/**
 * One address of a store: its origin, or the geo-replica `{store}-{replica}` (A.15).
 *
 * Guarantees: content, keys and roles are the store's; network, quota, staleness and sync tokens are its own, so a
 * token of one endpoint means nothing to another (what the service does there is not documented).
 */
export class Endpoint {
  readonly name: string;
  readonly host: string;
  readonly store: Store;
  /** Undefined for the origin. */
  readonly replica: string | undefined;
  readonly syncTokens: SyncTokens;
  readonly quota: DailyQuota;
  network: NetworkAccess = 'open';
  /** How many changes behind the store readers without a sync token see it: replication is eventual (A.15). */
  staleBy = 0;
  /** Mixed into page etags, so that a client that compares them across endpoints is found out. */
  pageEtagSalt = '';

  constructor(store: Store, clock: Clock, replica?: string) {
    this.name = replica === undefined ? store.name : `${store.name}-${replica}`;
    this.host = this.name.toLowerCase() + store.suffix;
    this.store = store;
    this.replica = replica;
    this.syncTokens = new SyncTokens(this.host);
    this.quota = new DailyQuota(clock);
  }

  /** The state that a reader with this sync token sees: at least as new as the token (A.9). */
  visible(tokenSn: number): Version {
    return this.store.visible(tokenSn, this.staleBy);
  }

  /** The header of an answer that shows the store as readers see it now, or after a write. */
  sync(version: Version = this.visible(0)): { readonly 'sync-token': string } {
    return { 'sync-token': this.syncTokens.format(version.sn) };
  }
}
