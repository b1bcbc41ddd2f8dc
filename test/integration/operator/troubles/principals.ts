import { issueClientCertificate } from '../../../support/client-certificates.ts';
import {
  ACCESS_KEY,
  accessKeyIdentity,
  newClientSecret,
  PRINCIPAL,
  principalIdentity,
  writeConnectionString,
  writePrincipal,
  writeSecret,
} from '../../../support/real/credentials.ts';
import { SERVICE_ACCOUNT, type Team } from '../../../support/real/team.ts';
import type { Trouble } from './trouble.ts';

const UNKNOWN = '99999999-9999-4999-8999-999999999999';
const bare = () => ({ serviceAccount: false, federate: false }) as const;
const spec = () => ({ identity: principalIdentity });

const principal = {
  phase: 'SettingsFetched',
  fromStart: bare,
  spec,
  cure: async (team: Team) => writePrincipal(team, (await newClientSecret(team)).value),
} as const;

/** Vaults are read as the ServiceAccount of the team. */
const vaults = {
  keyVault: { identity: { workloadIdentity: { serviceAccountName: SERVICE_ACCOUNT } } },
} as const;

/** A certificate that Entra does not know; gives its PEM text. */
async function writeCertificate(team: Team, days: number): Promise<string> {
  const { clientId, tenantId } = team.app;
  const { certificate, privateKey } = await issueClientCertificate({ days });
  await writeSecret(team, PRINCIPAL, { clientId, tenantId, clientCertificate: certificate + privateKey });
  return certificate;
}

/** What the Secret of a service principal, or Entra, can lack. */
export const principalTroubles: readonly Trouble[] = [
  {
    ...principal,
    title: 'the Secret of the service principal does not exist',
    reason: 'CredentialSecretNotFound',
    says: ({ namespace }) => [
      `Secret ${namespace}/${PRINCIPAL} does not exist: create it`,
      'spec.identity.servicePrincipal.secretRef.name',
    ],
  },
  {
    ...principal,
    title: 'the Secret of the service principal holds no secret',
    reason: 'CredentialSecretInvalid',
    says: ({ namespace }) => [`Secret ${namespace}/${PRINCIPAL}: it holds no clientSecret`],
    cause: (team) => writeSecret(team, PRINCIPAL, { clientId: team.app.clientId }),
  },
  {
    ...principal,
    title: 'the Secret of the service principal names no application',
    reason: 'ClientIdMissing',
    says: () => ['add the key clientId', 'spec.identity.servicePrincipal.clientId'],
    cause: (team) => writeSecret(team, PRINCIPAL, { clientSecret: 'x' }),
  },
  {
    ...principal,
    title: 'the client secret is wrong (AADSTS7000215)',
    reason: 'ClientSecretRejected',
    says: ({ app, namespace }) => [
      app.clientId,
      `Secret ${namespace}/${PRINCIPAL}`,
      'the value (not the id)',
    ],
    cause: async (team) => writePrincipal(team, (await newClientSecret(team)).keyId),
  },
  {
    ...principal,
    title: 'the client secret has expired (AADSTS7000222)',
    reason: 'ClientSecretExpired',
    says: ({ app, namespace }) => [app.clientId, `Secret ${namespace}/${PRINCIPAL}`, 'create a new one'],
    cause: async (team) => writePrincipal(team, (await newClientSecret(team, 1)).value),
  },
  {
    ...principal,
    title: 'the application of the service principal does not exist (AADSTS700016)',
    reason: 'ApplicationNotFound',
    says: ({ namespace }) => [UNKNOWN, 'check the client id', `Secret ${namespace}/${PRINCIPAL}`],
    cause: (team) => writePrincipal(team, 'x', { clientId: UNKNOWN, tenantId: team.app.tenantId }),
  },
  {
    ...principal,
    title: 'the application does not have the certificate (AADSTS700027)',
    reason: 'ClientCertificateRejected',
    says: ({ app, namespace }) => [
      app.clientId,
      `Secret ${namespace}/${PRINCIPAL}`,
      'add it to the application',
    ],
    cause: (team) => writeCertificate(team, 30),
  },
  {
    ...principal,
    title: 'the certificate of the application has expired (AADSTS700027)',
    reason: 'ClientCertificateExpired',
    says: ({ app, namespace }) => [app.clientId, `Secret ${namespace}/${PRINCIPAL}`, 'which expired at'],
    cause: async (team) => {
      const pem = await writeCertificate(team, -1);
      await team.azure.addClientCertificate({ clientId: team.app.clientId, pem });
    },
  },
  {
    title: 'the connection string is of another store',
    reason: 'CredentialSecretInvalid',
    phase: 'SettingsFetched',
    fromStart: () => ({}),
    spec: () => ({ ...vaults, identity: accessKeyIdentity }),
    says: ({ namespace }) => [
      `Secret ${namespace}/${ACCESS_KEY}`,
      'of another store than spec.store.endpoint',
    ],
    cause: (team) =>
      writeSecret(team, ACCESS_KEY, {
        connectionString: 'Endpoint=https://other.azconfig.io;Id=abc;Secret=c2VjcmV0',
      }),
    cure: (team) => writeConnectionString(team),
  },
  {
    title: 'the access key was regenerated',
    reason: 'StoreUnauthorized',
    phase: 'SettingsFetched',
    fromStart: () => ({}),
    spec: () => ({ ...vaults, identity: accessKeyIdentity }),
    says: ({ namespace }) => [`access key in Secret ${namespace}/${ACCESS_KEY}`, 'it was regenerated'],
    cause: async (team) => {
      await writeConnectionString(team);
      await team.azure.regenerateAccessKey({ store: team.store, name: 'Primary Read Only' });
    },
    cure: (team) => writeConnectionString(team),
  },
];
