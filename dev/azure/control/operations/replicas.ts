import type { Endpoint } from '../../appconfig/endpoint.ts';
import type { Cloud } from '../../cloud.ts';
import { ControlError, findEndpoint, findStore, type Operations, operation } from '../operation.ts';
import * as schemas from '../schemas.ts';

/** Geo-replicas; network, quota and faults of one are set by its own name or host. */
export function replicaOperations(cloud: Cloud): Operations {
  return {
    createReplica: operation(schemas.replica, ({ store, name, ...state }) => {
      const owner = findStore(cloud, store);
      const host = cloud.storeHost(`${owner.name}-${name}`);
      if (cloud.endpoints.has(host)) throw new ControlError(`the host exists already: ${host}`);
      const endpoint = cloud.createReplica(owner, name);
      apply(endpoint, state);
      return { name: endpoint.name, endpoint: `https://${endpoint.host}` };
    }),
    setReplica: operation(schemas.replicaState, ({ store, ...state }) => {
      apply(findEndpoint(cloud, store), state);
    }),
    deleteReplica: operation(schemas.endpoint, ({ store }) => {
      const endpoint = findEndpoint(cloud, store);
      if (endpoint.replica === undefined) throw new ControlError(`this is a store, not a replica: ${store}`);
      cloud.endpoints.delete(endpoint.host);
    }),
  };
}

/** Omitted members stay as they are. */
function apply(
  endpoint: Endpoint,
  { staleBy, ownPageEtags }: { staleBy?: number | undefined; ownPageEtags?: boolean | undefined },
): void {
  if (staleBy !== undefined) endpoint.staleBy = staleBy;
  if (ownPageEtags !== undefined) endpoint.pageEtagSalt = ownPageEtags ? endpoint.host : '';
}
