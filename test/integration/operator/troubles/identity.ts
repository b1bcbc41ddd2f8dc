import {
  annotateServiceAccount,
  createServiceAccount,
  federate,
  type Team,
} from '../../../support/real/team.ts';
import type { Trouble } from './trouble.ts';

const UNKNOWN = '99999999-9999-4999-8999-999999999999';
const CLIENT_ID = 'azure.workload.identity/client-id';
const TENANT_ID = 'azure.workload.identity/tenant-id';

/** Every mismatch names the whole credential that is wanted. */
const credential = ({ app, subject, world }: Team): readonly string[] => [
  `application ${app.clientId}`,
  `issuer ${world.cluster.issuer}`,
  `subject ${subject}`,
  'audience api://AzureADTokenExchange',
];

const none = { federate: false } as const;
const annotate = (name: string, value: string) => (team: Team) =>
  annotateServiceAccount(team, { [name]: value });

/** What the ServiceAccount, or Entra, can lack. */
export const identityTroubles: readonly Trouble[] = [
  {
    title: 'the ServiceAccount does not exist',
    reason: 'ServiceAccountNotFound',
    phase: 'SettingsFetched',
    fromStart: () => ({ serviceAccount: false }),
    says: ({ namespace }) => [`ServiceAccount ${namespace}/orders does not exist`, 'create it'],
    cure: (team) => createServiceAccount(team),
  },
  {
    title: 'the ServiceAccount names no client id',
    reason: 'ClientIdMissing',
    phase: 'SettingsFetched',
    fromStart: () => ({ annotations: {} }),
    says: () => [`annotate it with ${CLIENT_ID}`, 'spec.identity.workloadIdentity.clientId'],
    cure: (team) =>
      annotateServiceAccount(team, { [CLIENT_ID]: team.app.clientId, [TENANT_ID]: team.app.tenantId }),
  },
  {
    title: 'nobody names a tenant id',
    reason: 'TenantIdMissing',
    phase: 'SettingsFetched',
    fromStart: () => ({}),
    says: () => [`annotate it with ${TENANT_ID}`, 'spec.identity.workloadIdentity.tenantId', '--tenant-id'],
    cause: annotate(TENANT_ID, ''),
    cure: (team) => annotateServiceAccount(team, { [TENANT_ID]: team.app.tenantId }),
  },
  {
    title: 'the client id of the ServiceAccount is none',
    reason: 'ClientIdMissing',
    phase: 'SettingsFetched',
    fromStart: () => ({}),
    says: () => [`annotation ${CLIENT_ID} holds "<client id>"`, 'spec.identity.workloadIdentity.clientId'],
    cause: annotate(CLIENT_ID, '<client id>'),
    cure: (team) => annotateServiceAccount(team, { [CLIENT_ID]: team.app.clientId }),
  },
  {
    title: 'the tenant id of the ServiceAccount is none',
    reason: 'TenantIdMissing',
    phase: 'SettingsFetched',
    fromStart: () => ({}),
    says: () => [`annotation ${TENANT_ID} holds "my tenant"`, 'spec.identity.workloadIdentity.tenantId'],
    cause: annotate(TENANT_ID, 'my tenant'),
    cure: (team) => annotateServiceAccount(team, { [TENANT_ID]: team.app.tenantId }),
  },
  {
    title: 'the application has no federated credential (AADSTS70025)',
    reason: 'FederatedCredentialMissing',
    phase: 'SettingsFetched',
    fromStart: () => none,
    says: (team) => ['create a federated credential', ...credential(team)],
    cure: (team) => federate(team),
  },
  {
    title: 'no federated credential names the issuer of the cluster (AADSTS700211)',
    reason: 'FederatedIssuerMismatch',
    phase: 'SettingsFetched',
    fromStart: () => none,
    says: (team) => ['create or correct one', ...credential(team)],
    cause: (team) => federate(team, { issuer: 'https://issuer.example/' }),
    cure: (team) => federate(team),
  },
  {
    title: 'no federated credential names the audience (AADSTS700212)',
    reason: 'FederatedAudienceMismatch',
    phase: 'SettingsFetched',
    fromStart: () => none,
    says: (team) => ['create or correct one', ...credential(team)],
    cause: (team) => federate(team, { audience: 'api://AzureADTokenExchangeUSGov' }),
    cure: (team) => federate(team),
  },
  {
    title: 'no federated credential names the ServiceAccount (AADSTS700213)',
    reason: 'FederatedSubjectMismatch',
    phase: 'SettingsFetched',
    fromStart: () => none,
    says: (team) => ['create or correct one', ...credential(team)],
    cause: (team) => federate(team, { subject: `${team.subject}-of-old` }),
    cure: (team) => federate(team),
  },
  {
    title: 'the application does not exist (AADSTS700016)',
    reason: 'ApplicationNotFound',
    phase: 'SettingsFetched',
    fromStart: () => ({}),
    says: ({ namespace }) => [UNKNOWN, 'check the client id', `ServiceAccount ${namespace}/orders`],
    cause: annotate(CLIENT_ID, UNKNOWN),
    cure: (team) => annotateServiceAccount(team, { [CLIENT_ID]: team.app.clientId }),
  },
  {
    title: 'the tenant does not exist (AADSTS90002)',
    reason: 'TenantNotFound',
    phase: 'SettingsFetched',
    fromStart: () => ({}),
    says: ({ namespace }) => [UNKNOWN, 'check the tenant id', `ServiceAccount ${namespace}/orders`],
    cause: annotate(TENANT_ID, UNKNOWN),
    cure: (team) => annotateServiceAccount(team, { [TENANT_ID]: team.app.tenantId }),
  },
  {
    title: 'Entra is disturbed',
    reason: 'EntraUnavailable',
    phase: 'SettingsFetched',
    transient: true,
    fromStart: async ({ azure }) => ({ tenant: (await azure.control.createTenant()).id }),
    // An outage of its tenant: others are told the same, so it names no application.
    says: () => ['login.microsoftonline.com', 'HTTP 503', 'tried again by itself'],
    cause: ({ app, azure }) =>
      azure.addFault({ service: 'entra', path: `^/${app.tenantId}/oauth2`, status: 503 }),
    cure: (team) => team.clearFaults(),
  },
];
