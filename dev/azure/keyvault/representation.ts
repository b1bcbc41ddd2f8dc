import { newest, type Secret, type SecretVersion, type Vault } from './vault.ts';

const RECOVERY_DAYS = 90;

/** Attributes as every answer carries them; times are Unix seconds (B.3). */
function attributes({ enabled, notBefore, expires, created, updated }: SecretVersion) {
  return {
    enabled,
    ...(notBefore === undefined ? {} : { nbf: notBefore }),
    ...(expires === undefined ? {} : { exp: expires }),
    created,
    updated,
    recoveryLevel: 'Recoverable+Purgeable',
    recoverableDays: RECOVERY_DAYS,
  };
}

function common(version: SecretVersion) {
  return {
    ...(version.contentType === undefined ? {} : { contentType: version.contentType }),
    attributes: attributes(version),
    ...(version.tags === undefined ? {} : { tags: version.tags }),
    ...(version.managed ? { managed: true } : {}),
  };
}

/** The secret with its value (B.3). */
export function secretBundle(vault: Vault, secret: Secret, version: SecretVersion) {
  const id = `${secret.name}/${version.version}`;
  const kid = version.managed ? { kid: `https://${vault.host}/keys/${id}` } : {};
  return { value: version.value, id: `https://${vault.host}/secrets/${id}`, ...common(version), ...kid };
}

/** A list item: no value, an id without version unless versions are listed (B.3). */
export function listItem(vault: Vault, secret: Secret, version?: SecretVersion) {
  const id = idOf(vault, secret) + (version === undefined ? '' : `/${version.version}`);
  return { id, ...common(version ?? newest(secret)) };
}

/** What a soft delete answers: the secret without its value (B.3). */
export function deletedBundle(vault: Vault, secret: Secret) {
  const deletedAt = secret.deletedAt ?? 0;
  return {
    ...listItem(vault, secret, newest(secret)),
    recoveryId: `https://${vault.host}/deletedsecrets/${secret.name}`,
    deletedDate: deletedAt,
    scheduledPurgeDate: deletedAt + RECOVERY_DAYS * 24 * 3600,
  };
}

export function idOf(vault: Vault, secret: Secret): string {
  return `https://${vault.host}/secrets/${secret.name}`;
}
