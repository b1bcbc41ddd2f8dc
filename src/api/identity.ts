import * as z from 'zod';
import { guid, objectName } from './fields.ts';
import { annotate, type Field, type Rule, ruled } from './rules.ts';

/** As whom Azure is read. Nothing in here can name another namespace. */

const workloadIdentity = z
  .object({
    serviceAccountName: objectName({
      description:
        'A ServiceAccount of this namespace. It is exchanged for an Entra token, so a federated credential must name the subject system:serviceaccount:<namespace>:<name>.',
    }),
    clientId: guid({
      description: 'Client id of the Entra application or managed identity.',
      fallback: 'the annotation azure.workload.identity/client-id of the ServiceAccount',
    }).exactOptional(),
    tenantId: guid({
      description: 'Tenant id of that application.',
      fallback:
        'the annotation azure.workload.identity/tenant-id of the ServiceAccount, else the tenant in the settings of the operator',
    }).exactOptional(),
  })
  .meta(
    annotate({
      description: 'Reads as a ServiceAccount of this namespace (Entra workload identity federation).',
    }),
  );

/** The name of a Secret of the binding's namespace. */
const secretRef = (description: string) =>
  z.object({ name: objectName({ description: 'Its name.' }) }).meta(annotate({ description }));

const servicePrincipal = z
  .object({
    secretRef: secretRef(
      'A Secret of this namespace that holds clientSecret, and clientId and tenantId unless they are set here. A changed Secret is used within the refresh interval.',
    ),
    clientId: guid({
      description: 'Client id of the Entra application.',
      fallback: 'clientId in the Secret',
    }).exactOptional(),
    tenantId: guid({
      description: 'Tenant id of that application.',
      fallback: 'tenantId in the Secret, else the tenant in the settings of the operator',
    }).exactOptional(),
  })
  .meta(
    annotate({
      description: 'Reads as an Entra application whose credential lies in a Secret of this namespace.',
    }),
  );

const members = {
  workloadIdentity: workloadIdentity.exactOptional(),
  servicePrincipal: servicePrincipal.exactOptional(),
};

const exactlyOne: Rule<Readonly<Partial<Record<keyof typeof members, unknown>>>> = {
  cel: `[${Object.keys(members)
    .map((member) => `has(self.${member})`)
    .join(', ')}].exists_one(x, x)`,
  message:
    'set exactly one member: set workloadIdentity.serviceAccountName to a ServiceAccount of this namespace, or servicePrincipal.secretRef.name to a Secret of it',
  holds: (value) => Object.values(value).filter((member) => member !== undefined).length === 1,
};

export const identity = (field: Field) => ruled(z.object(members), [exactlyOne], field);
