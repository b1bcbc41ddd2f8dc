import {
  newClientSecret,
  PRINCIPAL,
  principalIdentity,
  writePrincipal,
  writeSecret,
} from '../../../support/real/credentials.ts';
import type { Team } from '../../../support/real/team.ts';
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
];
