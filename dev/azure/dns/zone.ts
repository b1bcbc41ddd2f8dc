import type { Endpoint } from '../appconfig/endpoint.ts';
import type { Store } from '../appconfig/store.ts';
import { type Question, RCODE, type Reply, type SrvRecord } from './message.ts';
import type { DnsTroubles } from './troubles.ts';

/** What the zone is made of: the stores that exist now. */
export interface Addresses {
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly dns: DnsTroubles;
  replicasOf(store: Store): readonly Endpoint[];
}

const NOTHING: Reply = { rcode: RCODE.NXDOMAIN, records: [] };

/**
 * The true answer (A.15): `_origin._tcp.{host}` names the origin, for an origin and for each of its replicas;
 * `_alt0._tcp.{origin}`, `_alt1…` name the replicas until NXDOMAIN. Anything else, addresses too, does not exist:
 * clients reach the hosts through the proxy.
 */
export function lookUp({ name, type }: Question, addresses: Addresses): Reply {
  if (type !== 'SRV') return NOTHING;
  const target = targetOf(name, addresses);
  const own = target === undefined ? [] : [at(target)];
  const records = [...own, ...addresses.dns.recordsOf(name)];
  return records.length === 0 ? NOTHING : { rcode: RCODE.NOERROR, records };
}

function targetOf(name: string, addresses: Addresses): string | undefined {
  const [, service, index, host] = /^_(origin|alt(\d+))\._tcp\.(.+)$/.exec(name) ?? [];
  const endpoint = host === undefined ? undefined : addresses.endpoints.get(host);
  if (!endpoint) return undefined;
  if (service === 'origin') return endpoint.store.host;
  if (endpoint.replica !== undefined) return undefined;
  return addresses.replicasOf(endpoint.store)[Number(index)]?.host;
}

function at(target: string): SrvRecord {
  return { target, port: 443, priority: 0, weight: 0 };
}
