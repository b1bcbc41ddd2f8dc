import type { Reason } from '../reasons.ts';
import { type Explanation, explain } from './explanation.ts';

const FEDERATE =
  'Create or correct the federated credential of the application with the issuer, subject and audience that the message names, for example with `az identity federated-credential create`. It takes effect within minutes.';

/** The ServiceAccount and Entra. */
export const identity = {
  ServiceAccountNotFound: explain(
    'The ServiceAccount does not exist.',
    '`spec.identity.workloadIdentity.serviceAccountName` names none of this namespace.',
    'Create it, or correct the name.',
  ),
  ClientIdMissing: explain(
    'The client id of the Entra application is not known.',
    'Neither the binding nor the ServiceAccount names one.',
    'Annotate the ServiceAccount with `azure.workload.identity/client-id`, or set `spec.identity.workloadIdentity.clientId`.',
  ),
  TenantIdMissing: explain(
    'The Entra tenant is not known.',
    'Neither the binding, nor the ServiceAccount, nor the settings of the operator name one.',
    'Annotate the ServiceAccount with `azure.workload.identity/tenant-id`, set `spec.identity.workloadIdentity.tenantId`, or set the tenant in the chart.',
  ),
  TokenRequestDenied: explain(
    'The cluster gave no token for the ServiceAccount.',
    'The operator may not create `serviceaccounts/token`, or the API server refused the request.',
    'Restore the RBAC of the chart; see the message.',
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
    'The tenant id is wrong, or belongs to another cloud (AADSTS90002).',
    'Correct the tenant id, or set the authority of your cloud in the chart.',
  ),
  AudienceNotFound: explain(
    'Entra does not know the service that a token was asked for.',
    'The audience of the store does not exist in this cloud or tenant (AADSTS500011).',
    "Set the operator's store audience for your cloud.",
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
