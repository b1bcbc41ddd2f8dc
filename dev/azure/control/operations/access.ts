import type { AccessKey } from '../../appconfig/accesskeys.ts';
import type { Endpoint } from '../../appconfig/endpoint.ts';
import type { Cloud } from '../../cloud.ts';
import { findEndpoint, findStore, missing, type Operations, operation } from '../operation.ts';
import * as schemas from '../schemas.ts';

/** Access keys and whether they count; the answers hold secrets. */
export function accessOperations(cloud: Cloud): Operations {
  return {
    listAccessKeys: operation(schemas.endpoint, ({ store }) => {
      const endpoint = findEndpoint(cloud, store);
      return endpoint.store.keys.list().map((key) => describe(key, endpoint));
    }),
    regenerateAccessKey: operation(schemas.accessKey, ({ store, name }) => {
      const endpoint = findEndpoint(cloud, store);
      return describe(endpoint.store.keys.regenerate(name) ?? missing('access key', name), endpoint);
    }),
    setLocalAuth: operation(schemas.localAuth, ({ store, enabled }) => {
      findStore(cloud, store).keys.disabled = !enabled;
    }),
  };
}

/** A replica's connection string has the same key behind another endpoint (A.13, A.15). */
function describe({ name, id, secret, readOnly }: AccessKey, { host }: Endpoint) {
  const connectionString = `Endpoint=https://${host};Id=${id};Secret=${secret}`;
  return { name, id, secret, readOnly, connectionString };
}
