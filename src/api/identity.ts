import * as z from 'zod';
import { flag, guid, objectName } from './fields.ts';
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
    enableAzureProxy: flag({
      description:
        'On AKS: the token comes from an identity binding, by the proxy that the cluster has for it, and needs no federated credential. The ServiceAccount needs the right to use the managed identity.',
      fallback: 'false',
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
      'A Secret of this namespace that holds clientSecret, or clientCertificate (a certificate and its private key in PEM form; tls.crt and tls.key are read as well), and clientId and tenantId unless they are set here. A changed Secret is used within the refresh interval.',
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

const connectionString = z
  .object({
    secretRef: secretRef(
      'A Secret of this namespace that holds connectionString, of the store of spec.store.endpoint. A changed Secret is used within the refresh interval.',
    ),
  })
  .meta(
    annotate({
      description:
        'Reads the store with an access key from a Secret of this namespace. It reads no vault: Key Vault references need keyVault.identity.',
    }),
  );

const managedIdentity = z
  .object({
    clientId: guid({
      description: 'Client id of a user-assigned managed identity.',
      fallback: 'the system-assigned identity of the node, or its only one',
    }).exactOptional(),
  })
  .meta(
    annotate({
      description:
        'Reads as a managed identity of the node that the operator runs on. Refused unless the settings of the operator allow it.',
    }),
  );

const readers = {
  workloadIdentity: workloadIdentity.exactOptional(),
  servicePrincipal: servicePrincipal.exactOptional(),
  managedIdentity: managedIdentity.exactOptional(),
};

const members = { ...readers, connectionString: connectionString.exactOptional() };

const exactlyOne = (names: readonly string[], others: string): Rule<Readonly<Record<string, unknown>>> => ({
  cel: `[${names.map((name) => `has(self.${name})`).join(', ')}].exists_one(x, x)`,
  message: `set exactly one member: set workloadIdentity.serviceAccountName to a ServiceAccount of this namespace, or ${others} to a Secret of it, or managedIdentity`,
  holds: (value) => Object.values(value).filter((member) => member !== undefined).length === 1,
});

/** Who reads stores. */
export const identity = (field: Field) =>
  ruled(
    z.object(members),
    [exactlyOne(Object.keys(members), 'servicePrincipal.secretRef.name or connectionString.secretRef.name')],
    field,
  );

/** Who reads vaults. */
export const vaultIdentity = (field: Field) =>
  ruled(z.object(readers), [exactlyOne(Object.keys(readers), 'servicePrincipal.secretRef.name')], field);
