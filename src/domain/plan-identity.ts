import type { BindingSpec } from '../api/schema.ts';

/** What an identity of the spec means: which object of the namespace says who reads. Ids are lower case. */
export type PlannedIdentity = PlannedWorkloadIdentity | PlannedServicePrincipal;

interface Planned {
  /** Where the spec says it, e.g. `spec.identity.workloadIdentity`; for messages. */
  readonly field: string;
  readonly clientId?: string;
  readonly tenantId?: string;
}

export interface PlannedWorkloadIdentity extends Planned {
  readonly kind: 'WorkloadIdentity';
  readonly serviceAccount: string;
}

export interface PlannedServicePrincipal extends Planned {
  readonly kind: 'ServicePrincipal';
  readonly secretName: string;
}

/** `field` is the path of `identity` in the spec, which the schema has let through: exactly one member is there. */
export function planIdentity(identity: BindingSpec['identity'], field: string): PlannedIdentity {
  const { workloadIdentity, servicePrincipal } = identity;
  if (workloadIdentity !== undefined) {
    return {
      kind: 'WorkloadIdentity',
      field: `${field}.workloadIdentity`,
      serviceAccount: workloadIdentity.serviceAccountName,
      ...ids(workloadIdentity),
    };
  }
  if (servicePrincipal !== undefined) {
    return {
      kind: 'ServicePrincipal',
      field: `${field}.servicePrincipal`,
      secretName: servicePrincipal.secretRef.name,
      ...ids(servicePrincipal),
    };
  }
  throw new Error('an identity that the schema let through has no member');
}

const ids = ({ clientId, tenantId }: { readonly clientId?: string; readonly tenantId?: string }) => ({
  ...(clientId === undefined ? {} : { clientId: clientId.toLowerCase() }),
  ...(tenantId === undefined ? {} : { tenantId: tenantId.toLowerCase() }),
});
