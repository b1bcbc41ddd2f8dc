import { DEFAULTS } from '../../api/defaults.ts';
import type { BindingSpec } from '../../api/schema.ts';
import { type IdOrigins, TENANT_SETTING } from './identity.ts';

/** What an identity of the spec means: which object of the namespace says who reads. Ids are lower case. */
export type PlannedIdentity = PlannedTokenIdentity | PlannedConnectionString;

/** One that may read vaults, too. */
export type PlannedTokenIdentity = PlannedWorkloadIdentity | PlannedServicePrincipal | PlannedManagedIdentity;

interface Planned {
  /** Where the spec says it, e.g. `spec.identity.workloadIdentity`; for messages. */
  readonly field: string;
}

interface PlannedApplication extends Planned {
  readonly clientId?: string;
  readonly tenantId?: string;
}

export interface PlannedWorkloadIdentity extends PlannedApplication {
  readonly kind: 'WorkloadIdentity';
  readonly serviceAccount: string;
  readonly azureProxy: boolean;
}

export interface PlannedServicePrincipal extends PlannedApplication {
  readonly kind: 'ServicePrincipal';
  readonly secretName: string;
}

export interface PlannedManagedIdentity extends Planned {
  readonly kind: 'ManagedIdentity';
  readonly clientId?: string;
}

export interface PlannedConnectionString extends Planned {
  readonly kind: 'ConnectionString';
  readonly secretName: string;
}

/** Where the ids of an application stand; `found`: its ServiceAccount or Secret, whose ids count less than the spec's. */
export const originsOf = (
  { field, clientId, tenantId }: PlannedApplication,
  found: { readonly tenantId?: string | undefined },
): IdOrigins => ({
  ...(clientId === undefined ? {} : { clientId: `${field}.clientId` }),
  ...(tenantId === undefined ? {} : { tenantId: `${field}.tenantId` }),
  ...(tenantId === undefined && found.tenantId === undefined ? { tenantId: TENANT_SETTING } : {}),
});

/** `field` is the path of `identity` in the spec, which the schema has let through: exactly one member is there. */
export function planIdentity(identity: BindingSpec['identity'], field: string): PlannedIdentity {
  const { connectionString } = identity;
  if (connectionString === undefined) return planTokenIdentity(identity, field);
  return {
    kind: 'ConnectionString',
    field: `${field}.connectionString`,
    secretName: connectionString.secretRef.name,
  };
}

/** The same for one that reads vaults. */
export function planTokenIdentity(identity: VaultIdentity, field: string): PlannedTokenIdentity {
  const { workloadIdentity, servicePrincipal, managedIdentity } = identity;
  if (workloadIdentity !== undefined) {
    return {
      kind: 'WorkloadIdentity',
      field: `${field}.workloadIdentity`,
      serviceAccount: workloadIdentity.serviceAccountName,
      azureProxy: workloadIdentity.enableAzureProxy ?? DEFAULTS.enableAzureProxy,
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
  if (managedIdentity !== undefined) {
    return { kind: 'ManagedIdentity', field: `${field}.managedIdentity`, ...ids(managedIdentity) };
  }
  throw new Error('an identity that the schema let through has no member');
}

type VaultIdentity = NonNullable<NonNullable<BindingSpec['keyVault']>['identity']>;

const ids = ({ clientId, tenantId }: { readonly clientId?: string; readonly tenantId?: string }) => ({
  ...(clientId === undefined ? {} : { clientId: clientId.toLowerCase() }),
  ...(tenantId === undefined ? {} : { tenantId: tenantId.toLowerCase() }),
});
