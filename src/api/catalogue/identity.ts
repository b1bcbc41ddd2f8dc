import type { Reason } from '../reasons.ts';
import { type Explanation, explain } from './explanation.ts';

const FEDERATE =
  'Create or correct the federated credential of the application with the issuer, subject and audience that the message names, for example with `az identity federated-credential create`. It takes effect within minutes.';

/** Identities and Entra. */
export const identity = {
  ServiceAccountNotFound: explain(
    'The ServiceAccount does not exist.',
    '`spec.identity.workloadIdentity.serviceAccountName` names none of this namespace.',
    'Create it, or correct the name.',
  ),
  ClientIdMissing: explain(
    'The client id of the Entra application is not known.',
    'Neither the binding nor the ServiceAccount, or the Secret of the service principal, names one; or the annotation of the ServiceAccount holds no GUID.',
    'Annotate the ServiceAccount with `azure.workload.identity/client-id`, or correct that annotation, add `clientId` to the Secret, or set `clientId` in the binding.',
  ),
  TenantIdMissing: explain(
    'The Entra tenant is not known.',
    'Neither the binding, nor the ServiceAccount or the Secret of the service principal, nor the settings of the operator name one; or the annotation of the ServiceAccount holds neither a GUID nor a domain name.',
    'Annotate the ServiceAccount with `azure.workload.identity/tenant-id`, or correct that annotation, add `tenantId` to the Secret, set `tenantId` in the binding, or set the tenant in the chart.',
  ),
  TokenRequestDenied: explain(
    'The cluster gave no token for the ServiceAccount.',
    'The operator may not create `serviceaccounts/token`, or the API server refused the request.',
    'Restore the RBAC of the chart; see the message.',
  ),
  CredentialSecretNotFound: explain(
    'The Secret with the credential of the identity does not exist.',
    'The binding names a Secret that its namespace does not have.',
    'Create it, or correct the name in the binding. It is looked for again at the refresh interval.',
  ),
  CredentialSecretInvalid: explain(
    'The Secret of the identity holds no credential that can be used.',
    'A key is missing, or holds something else than its name says; the message names it.',
    'Correct the Secret. It is read again at the refresh interval.',
  ),
  ClientSecretRejected: explain(
    'Entra does not know the client secret.',
    'The Secret holds the id of a client secret instead of its value, or one that was deleted or belongs to another application (AADSTS7000215).',
    'Create a client secret with `az ad app credential reset`, and put its value into the Secret.',
  ),
  ClientSecretExpired: explain(
    'The client secret has expired.',
    'Its end date has passed (AADSTS7000222).',
    'Create a new one with `az ad app credential reset`, and put its value into the Secret; or use workload identity, which needs no secret.',
  ),
  LocalLoginMissing: explain(
    'The operator runs outside of a cluster with --local-identity, and no login of its user gives a token.',
    'Nobody is logged in to the Azure CLI, the Azure Developer CLI, PowerShell or VS Code, and no service principal stands in the environment; or it is refused.',
    'Log in, for example with `az login`; the message tells what is missing for each.',
  ),
  ClientCertificateRejected: explain(
    'The application does not have the certificate.',
    'It was not added to the application, or was removed from it (AADSTS700027).',
    'Add it with `az ad app credential reset --cert @orders.pem --append`, or put one into the Secret that the application has.',
  ),
  ClientCertificateExpired: explain(
    'The certificate of the application has expired.',
    'Its end date has passed, and Entra refuses it (AADSTS700027).',
    'Issue a new one, add it to the application, and put it into the Secret.',
  ),
  AzureProxyMissing: explain(
    'The binding wants a token of an AKS identity binding, and the operator knows no proxy for them.',
    'The pod of the operator has no `AZURE_KUBERNETES_TOKEN_PROXY`: it does not run on AKS, or its pods do not ask the webhook for identity bindings.',
    'Label and annotate the pods of the operator, or leave `enableAzureProxy` out of the binding and create a federated credential.',
  ),
  IdentityBindingRefused: explain(
    'The proxy for AKS identity bindings gave no token.',
    'The ServiceAccount has not the right `use-managed-identity` on the client id, or the managed identity has no identity binding with the cluster.',
    'Create the ClusterRole and the identity binding; see `status.remedies`.',
  ),
  ManagedIdentityNotAllowed: explain(
    'The binding wants to read as a managed identity of the node, and may not.',
    "The operator's setting `allow-managed-identities` is off: with it, every namespace could read what that identity may.",
    'Use workload identity; or turn the setting on, where all namespaces may share the identity.',
  ),
  ManagedIdentityNotFound: explain(
    "The operator's node does not have the managed identity.",
    'It is not assigned to the virtual machines of the node pool, or there are several and the binding names none.',
    'Assign it with `az vmss identity assign`, or correct `managedIdentity.clientId`.',
  ),
  ManagedIdentityUnavailable: explain(
    "The instance metadata service of the operator's node gave no token.",
    'The node does not run in Azure, a network policy forbids 169.254.169.254, or the service is disturbed.',
    'Let the operator reach it, or use another identity. It is tried again by itself.',
  ),
  FederatedCredentialMissing: explain(
    'The application trusts no ServiceAccount.',
    'It has no federated credential (AADSTS70025).',
    FEDERATE,
  ),
  FederatedCredentialMismatch: explain(
    'No federated credential of the application fits the token.',
    'Issuer, subject or audience differ (AADSTS70021).',
    FEDERATE,
  ),
  FederatedIssuerMismatch: explain(
    'No federated credential names this cluster.',
    'The issuer differs (AADSTS700211): another cluster, or one that was re-created.',
    FEDERATE,
  ),
  FederatedAudienceMismatch: explain(
    'No federated credential names this audience.',
    'The audience differs (AADSTS700212); in US Government and China the portal suggests another one than the operator asks for.',
    `${FEDERATE} Or set the operator's token audience to the one in the credential.`,
  ),
  FederatedSubjectMismatch: explain(
    'No federated credential names this ServiceAccount.',
    'The subject differs (AADSTS700213): namespace and name must be equal, letter by letter.',
    FEDERATE,
  ),
  ApplicationNotFound: explain(
    'The tenant knows no such application.',
    'The client id is wrong, belongs to another tenant, or was deleted (AADSTS700016).',
    'Correct the client id or the tenant id.',
  ),
  TenantNotFound: explain(
    'There is no such tenant.',
    'The tenant id is wrong, or belongs to another cloud (AADSTS90002, AADSTS900382).',
    'Correct the tenant id, or set the cloud of the operator (`--cloud`, in the chart `azure.cloud`).',
  ),
  AudienceNotFound: explain(
    'Entra does not know the service that a token was asked for.',
    'The audience of the store does not exist in this cloud or tenant (AADSTS500011).',
    'Set the cloud of the operator (`--cloud`, in the chart `azure.cloud`), or correct `--store-audience`.',
  ),
  AssertionRejected: explain(
    'Entra refused the token of the ServiceAccount.',
    'It is expired by the clock of Entra, or its signature does not fit the published keys (AADSTS700024, AADSTS700027).',
    'Check the clock of the nodes, and that the issuer publishes the current keys of the cluster. A new token is tried by itself.',
  ),
  IssuerUnreachable: explain(
    'Entra could not read the issuer of the cluster.',
    'Its discovery document or keys are not reachable from the internet (AADSTS90061, AADSTS50166).',
    'Publish `/.well-known/openid-configuration` and the keys under the issuer URL. It is tried again by itself.',
  ),
  EntraThrottled: explain(
    'Entra asked for a pause; all identities that need a new token keep it.',
    'Too many token requests.',
    'Wait; it is tried again by itself. Identities that hold a token go on reading.',
  ),
  EntraUnavailable: explain(
    'Entra could not be reached, or failed.',
    'Network, DNS, proxy or a disturbance of the service.',
    'Check egress from the operator to the authority, and the proxy settings of the chart. It is tried again by itself.',
  ),
  EntraRejected: explain(
    'Entra refused the request.',
    'Another error than those listed; its AADSTS code is in the message.',
    'Look the code up at https://login.microsoftonline.com/error.',
  ),
} as const satisfies Partial<Record<Reason, Explanation>>;
