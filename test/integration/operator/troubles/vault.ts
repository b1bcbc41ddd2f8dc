import type { Team } from '../../../support/real/team.ts';
import type { Trouble } from './trouble.ts';

/** Secrets are read again on their own, slow interval; the annotation asks for it now. */
const thenRead =
  (disturb: (team: Team) => Promise<unknown>) =>
  async (team: Team): Promise<void> => {
    await disturb(team);
    await team.refresh('after-the-disturbance');
  };

/** What Key Vault can do to a binding. */
export const vaultTroubles: readonly Trouble[] = [
  {
    title: 'the identity has no role on the vault',
    reason: 'VaultForbidden',
    phase: 'SecretsResolved',
    says: ({ app, vaultHost }) => [
      'key "password"',
      `grant Key Vault Secrets User on ${vaultHost} to client ${app.clientId}`,
    ],
    cause: thenRead(({ app, azure, vault }) =>
      azure.removeRole({ role: 'KeyVaultSecretsUser', principal: app.clientId, vault }),
    ),
    cure: ({ app, azure, vault }) =>
      azure.assignRole({ role: 'KeyVaultSecretsUser', principal: app.clientId, vault }),
  },
  {
    title: 'the firewall of the vault refuses the cluster',
    reason: 'VaultFirewall',
    phase: 'SecretsResolved',
    says: ({ vaultHost }) => ['key "password"', vaultHost, 'network rules', 'private endpoint'],
    cause: thenRead(({ azure, vault }) => azure.setVaultNetwork({ vault, access: 'firewall' })),
    cure: ({ azure, vault }) => azure.setVaultNetwork({ vault, access: 'open' }),
  },
  {
    title: 'the vault breaks off connections',
    reason: 'VaultUnreachable',
    phase: 'SecretsResolved',
    transient: true,
    says: ({ vaultHost }) => ['key "password"', vaultHost, 'cannot be reached'],
    cause: thenRead(({ azure, vaultHost }) => azure.addFault({ host: vaultHost, reset: true })),
    cure: (team) => team.clearFaults(),
  },
  {
    title: 'a secret does not exist',
    reason: 'SecretNotFound',
    phase: 'SecretsResolved',
    says: ({ vaultHost }) => ['key "password"', `${vaultHost} has no secret db`, 'create or recover it'],
    cause: thenRead(({ azure, vault }) => azure.deleteSecret({ vault, name: 'db' })),
    cure: ({ azure, vault }) => azure.recoverSecret({ vault, name: 'db' }),
  },
  {
    title: 'a secret was never there, so that nothing is created',
    reason: 'SecretNotFound',
    phase: 'SecretsResolved',
    fromStart: () => ({}),
    says: ({ vaultHost }) => ['key "token"', `${vaultHost} has no secret absent`, 'create or recover it'],
    cause: (team) => team.setReference('token', 'absent'),
    cure: (team) => team.setSecret('absent', 'now-there'),
  },
  {
    title: 'a secret is disabled',
    reason: 'SecretDisabled',
    phase: 'SecretsResolved',
    says: ({ vaultHost }) => ['key "password"', 'secret db', vaultHost, 'enable it or add a new version'],
    cause: thenRead(({ azure, vault }) => azure.changeSecret({ vault, name: 'db', enabled: false })),
    cure: ({ azure, vault }) => azure.changeSecret({ vault, name: 'db', enabled: true }),
  },
  {
    title: 'a setting is no valid Key Vault reference',
    reason: 'InvalidReference',
    phase: 'SecretsResolved',
    rewritten: true,
    says: () => ['key "broken"', 'correct it in the store'],
    cause: ({ azure, store }) =>
      azure.setSetting({
        store,
        key: 'broken',
        value: '{"uri": "http://example.com/secrets/db"}',
        contentType: 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8',
      }),
    cure: ({ azure, store }) => azure.deleteSetting({ store, key: 'broken' }),
  },
];
