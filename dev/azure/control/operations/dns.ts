import type { Cloud } from '../../cloud.ts';
import { type Operations, operation } from '../operation.ts';
import * as schemas from '../schemas.ts';
import { withValidExpression } from './traffic.ts';

/** Troubles and extra records of the DNS server. */
export function dnsOperations(cloud: Cloud): Operations {
  return {
    addDnsTrouble: operation(schemas.dnsTrouble, (trouble) =>
      withValidExpression(trouble.name, () => cloud.dns.add(trouble)),
    ),
    addDnsRecord: operation(schemas.dnsRecord, (record) =>
      cloud.dns.addRecord({ ...record, name: record.name.toLowerCase() }),
    ),
    clearDns: operation(schemas.nothing, () => cloud.dns.clear()),
  };
}
