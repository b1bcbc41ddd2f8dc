/** A link from a setting to a Key Vault secret. */
export interface SecretReference {
  /** Host of the vault, lower case, e.g. `contoso.vault.azure.net`. */
  readonly vault: string;
  readonly name: string;
  /** Absent: the newest version at each read. */
  readonly version?: string;
}

/** A secret as read. `value` must go nowhere but into the target Secret and keyed digests. */
export interface SecretValue {
  readonly value: string;
  /** The version that was read, 32 hex digits. */
  readonly version: string;
  readonly contentType?: string;
  /** Milliseconds since the epoch; `notBefore`/`expires` are told, not enforced, by Key Vault. */
  readonly expiresAt?: number;
  readonly notBefore?: number;
  /** As in `ListedSecret`, of the version that was read. */
  readonly updatedAt?: number;
}

/** What the list of a vault tells about a secret, of its newest version; the value is not in it. */
export interface ListedSecret {
  /** As it was written when the secret was made; a vault does not tell two names apart by their case. */
  readonly name: string;
  readonly enabled: boolean;
  /** When anything about the version last changed: milliseconds since the epoch, in whole seconds. */
  readonly updatedAt: number;
  /** Belongs to a certificate of the vault. */
  readonly managed: boolean;
  readonly contentType?: string;
  readonly tags: Readonly<Record<string, string>>;
}
