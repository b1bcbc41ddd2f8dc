import { ANNOTATION_CLIENT_ID, ANNOTATION_TENANT_ID } from '../../api/names.ts';
import type { IdOrigins } from '../identity/identity.ts';
import { putClientId, putTenantId } from './ids.ts';
import { commandsFor } from './remedy.ts';
import { uniqueName } from './unique-name.ts';

/** A ServiceAccount and the application it is to be. */
export interface Federated {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly clientId: string;
  readonly tenantId: string;
  /** Where its ids stand, unless in annotations of the ServiceAccount. */
  readonly origins?: IdOrigins;
}

/** What a federated credential compares, as the cluster's token has it. */
export interface Trust {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

/**
 * Makes the application trust the ServiceAccount. Whether it is a managed identity or an app registration cannot be
 * seen from outside. (learn.microsoft.com/cli/azure/identity/federated-credential,
 * learn.microsoft.com/cli/azure/ad/app/federated-credential)
 */
export const trustServiceAccount = (
  { namespace, serviceAccount, clientId }: Federated,
  trust: Trust,
): readonly string[] | undefined =>
  commandsFor({ namespace, serviceAccount, clientId, ...trust }, ({ issuer, subject, audience }) => {
    // The same ServiceAccount of another cluster has a credential of its own.
    const name = uniqueName([namespace, serviceAccount], [issuer, subject]);
    const parameters = JSON.stringify({ name, issuer, subject, audiences: [audience] });
    return [
      `# Where client ${clientId} is a user-assigned managed identity (run again, it replaces what it made for this issuer and subject, and nothing else):`,
      `IDENTITY=$(az identity list --query "[?clientId=='${clientId}'].name" --output tsv)`,
      `GROUP=$(az identity list --query "[?clientId=='${clientId}'].resourceGroup" --output tsv)`,
      `az identity federated-credential create --name ${name} --identity-name "$IDENTITY" --resource-group "$GROUP" --issuer ${issuer} --subject ${subject} --audiences ${audience}`,
      '# Where it is an app registration:',
      `az ad app federated-credential create --id ${clientId} --parameters '${parameters}'`,
    ];
  });

const annotate =
  ({ namespace, serviceAccount }: Omit<Federated, 'clientId' | 'tenantId'>, annotation: string) =>
  (value: string): string =>
    `kubectl annotate serviceaccount ${serviceAccount} --namespace ${namespace} --overwrite ${annotation}="${value}"`;

/** For an application that the tenant does not know. */
export const findApplication = ({
  namespace,
  serviceAccount,
  clientId,
  tenantId,
  origins = {},
}: Federated): readonly string[] | undefined =>
  commandsFor({ namespace, serviceAccount, clientId, tenantId }, () => [
    '# The client ids of managed identities and app registrations:',
    'az identity list --query "[].{name: name, clientId: clientId, tenantId: tenantId}" --output table',
    'az ad app list --show-mine --query "[].{name: displayName, clientId: appId}" --output table',
    ...putClientId(origins, annotate({ namespace, serviceAccount }, ANNOTATION_CLIENT_ID)),
    `# Where ${clientId} is right, and the application of another tenant, it needs a service principal here:`,
    `az login --tenant ${tenantId} --allow-no-subscriptions`,
    `az ad sp create --id ${clientId}`,
  ]);

/** For an application that is disabled. */
export const enableApplication = ({ clientId }: Pick<Federated, 'clientId'>): readonly string[] | undefined =>
  commandsFor({ clientId }, () => [`az ad sp update --id ${clientId} --set accountEnabled=true`]);

/** For a tenant that does not exist. */
export const nameTenant = ({
  namespace,
  serviceAccount,
  origins = {},
}: Federated): readonly string[] | undefined =>
  commandsFor({ namespace, serviceAccount }, (names) =>
    putTenantId(origins, annotate(names, ANNOTATION_TENANT_ID)),
  );

/** For an issuer that Entra cannot read. */
export const publishIssuer = (issuer: string): readonly string[] | undefined =>
  commandsFor({ issuer }, () => [
    '# Must answer from anywhere on the internet, without a login:',
    `curl --fail --silent --show-error ${withoutSlash(issuer)}/.well-known/openid-configuration`,
    '# On AKS (CLUSTER and GROUP are its name and its resource group):',
    'az aks update --name CLUSTER --resource-group GROUP --enable-oidc-issuer',
  ]);

/** For a signature that does not fit the keys Entra reads. */
export const compareKeys = (issuer: string): readonly string[] | undefined =>
  commandsFor({ issuer }, () => [
    '# The keys that Entra reads, and those that the cluster signs with; they must be the same:',
    `curl --fail --silent --show-error ${withoutSlash(issuer)}/openid/v1/jwks`,
    'kubectl get --raw /openid/v1/jwks',
  ]);

const withoutSlash = (issuer: string): string => issuer.replace(/\/$/, '');
