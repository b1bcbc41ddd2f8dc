import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** Decides only the text of a 403; who may do what stands in the role assignments either way (B.5). */
export type PermissionModel = 'rbac' | 'accessPolicy';
export type VaultNetwork = 'open' | 'firewall' | 'privateOnly';

/** One version of a secret; times are Unix seconds (B.3). */
export interface SecretVersion {
  /** 32 hexadecimal digits. */
  readonly version: string;
  readonly value: string;
  readonly contentType: string | undefined;
  readonly tags: Readonly<Record<string, string>> | undefined;
  enabled: boolean;
  expires: number | undefined;
  notBefore: number | undefined;
  /** Made from a certificate (B.7). */
  readonly managed: boolean;
  readonly created: number;
  updated: number;
}

/** A secret in its stored spelling; versions oldest first. */
export interface Secret {
  readonly name: string;
  readonly versions: SecretVersion[];
  /** Unix seconds of the soft delete; undefined while the secret lives (B.8). */
  deletedAt: number | undefined;
}

export interface SecretContent {
  readonly value: string;
  readonly contentType?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly enabled?: boolean | undefined;
  readonly expires?: number | undefined;
  readonly notBefore?: number | undefined;
  readonly managed?: boolean | undefined;
}

/** What can change on an existing version; null clears. */
export interface SecretChange {
  readonly enabled?: boolean | undefined;
  readonly expires?: number | null | undefined;
  readonly notBefore?: number | null | undefined;
}

/** One vault: secrets by case-insensitive name (B.2). */
export class Vault {
  readonly name: string;
  readonly host: string;
  readonly tenantId: string;
  readonly permissionModel: PermissionModel;
  network: VaultNetwork = 'open';
  readonly #clock: Clock;
  readonly #secrets = new Map<string, Secret>();

  constructor(
    name: string,
    tenantId: string,
    permissionModel: PermissionModel,
    clock: Clock,
    suffix: string,
  ) {
    this.name = name;
    this.host = name.toLowerCase() + suffix;
    this.tenantId = tenantId;
    this.permissionModel = permissionModel;
    this.#clock = clock;
  }

  /** Living or soft-deleted; callers look at `deletedAt`. */
  secret(name: string): Secret | undefined {
    return this.#secrets.get(name.toLowerCase());
  }

  secrets(): Secret[] {
    return [...this.#secrets.values()];
  }

  /** Always makes a new version (B.2). The caller has refused soft-deleted names. */
  set(name: string, content: SecretContent): { secret: Secret; version: SecretVersion } {
    const now = this.#clock.seconds();
    const version: SecretVersion = {
      version: randomBytes(16).toString('hex'),
      value: content.value,
      contentType: content.contentType,
      tags: content.tags,
      enabled: content.enabled ?? true,
      expires: content.expires,
      notBefore: content.notBefore,
      managed: content.managed ?? false,
      created: now,
      updated: now,
    };
    const secret = this.secret(name) ?? { name, versions: [], deletedAt: undefined };
    secret.versions.push(version);
    this.#secrets.set(name.toLowerCase(), secret);
    return { secret, version };
  }

  /** Puts a whole secret back, as a seed does. */
  restore(secret: Secret): void {
    this.#secrets.set(secret.name.toLowerCase(), secret);
  }

  change(version: SecretVersion, change: SecretChange): void {
    if (change.enabled !== undefined) version.enabled = change.enabled;
    if (change.expires !== undefined) version.expires = change.expires ?? undefined;
    if (change.notBefore !== undefined) version.notBefore = change.notBefore ?? undefined;
    version.updated = this.#clock.seconds();
  }

  softDelete(secret: Secret): void {
    secret.deletedAt = this.#clock.seconds();
  }

  recover(secret: Secret): void {
    secret.deletedAt = undefined;
  }

  purge(name: string): void {
    this.#secrets.delete(name.toLowerCase());
  }
}

/** The newest version; a secret always has one. */
export function newest(secret: Secret): SecretVersion {
  const version = secret.versions.at(-1);
  if (!version) throw new Error('a secret always has a version');
  return version;
}
