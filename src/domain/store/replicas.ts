import { createHash } from 'node:crypto';
import { isBelow } from '../clouds.ts';

/** Which replicas of a store are asked, and in which order. */

/** A host that serves the same store. Lower priorities come first, equal ones in proportion to the weight (RFC 2782). */
export interface Replica {
  readonly host: string;
  readonly priority: number;
  readonly weight: number;
}

/** Beyond what a store can have (one per region); against a DNS that never ends. */
export const MAX_REPLICAS = 16;

const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/;

/**
 * The replicas of the store at `host` that may be given a token: hosts under the very domain under which the store
 * itself lies, whatever DNS says. `suffixes`: the domains that the operator trusts.
 */
export function trustedReplicas(
  host: string,
  found: readonly Replica[],
  suffixes: readonly string[],
): readonly Replica[] {
  const [domain] = suffixes.filter((suffix) => isBelow(host, [suffix])).toSorted(longestFirst);
  if (domain === undefined) return [];
  const trusted = new Map<string, Replica>();
  for (const replica of found) {
    const name = replica.host.toLowerCase().replace(/\.$/, '');
    const welcome = name !== host && HOST.test(name) && isBelow(name, [domain]);
    if (welcome && trusted.size < MAX_REPLICAS && !trusted.has(name))
      trusted.set(name, { ...replica, host: name });
  }
  return [...trusted.values()];
}

const longestFirst = (a: string, b: string): number => b.length - a.length;

/** Of one selection. `seed` tells selections apart; `balanced`: the store's own host is one among equals. */
export interface Preference {
  readonly seed: string;
  readonly balanced: boolean;
}

/**
 * All hosts of a store in the order in which one selection asks them; the same on every start.
 *
 * By rendezvous hashing: selections are spread over the hosts, and when one comes or goes, only the selections that
 * it gains or loses move.
 */
export function hostOrder(
  host: string,
  replicas: readonly Replica[],
  { seed, balanced }: Preference,
): readonly string[] {
  if (replicas.length === 0) return [host];
  const own = { host, priority: lowest(replicas), weight: heaviest(replicas) };
  const ranked = (balanced ? [own, ...replicas] : replicas)
    .map((replica) => ({ ...replica, score: scoreOf(replica, seed) }))
    .toSorted((a, b) => a.priority - b.priority || b.score - a.score)
    .map((replica) => replica.host);
  return balanced ? ranked : [host, ...ranked];
}

const lowest = (replicas: readonly Replica[]): number =>
  Math.min(...replicas.map(({ priority }) => priority));
const heaviest = (replicas: readonly Replica[]): number => Math.max(...replicas.map(({ weight }) => weight));

/** The greatest of these falls on each host in proportion to its weight; weight 0 counts as 1. */
function scoreOf({ host, weight }: Replica, seed: string): number {
  const number = createHash('sha256').update(`${host}\n${seed}`).digest().readUInt32BE(0);
  return Math.max(weight, 1) / -Math.log((number + 1) / (2 ** 32 + 1));
}
