import type { BindingSpec } from '../../api/schema.ts';
import { VAULT_PATTERN } from '../../api/vault-hosts.ts';
import { type CloudName, isBelow, otherCloudHint, vaultSuffixesFor } from '../clouds.ts';
import { blocked, type Failure, fail, invalidSpec, ok, type Result } from '../failure.ts';
import { type PlannedTokenIdentity, planTokenIdentity } from '../identity/plan-identity.ts';

/** Which vaults a binding may read, and as whom. */
export interface PlannedVaults {
  /** Directly below which a vault may lie: those of the store's cloud. */
  readonly suffixes: readonly string[];
  /** Patterns, see `matchesVault`; absent: all below the suffixes. */
  readonly allowed?: readonly string[];
  /** Who reads those that are not in `identities`; absent: nobody, since a connection string cannot. */
  readonly identity?: PlannedTokenIdentity;
  /** By host. */
  readonly identities: ReadonlyMap<string, PlannedTokenIdentity>;
}

export function planVaults(
  { identity, keyVault = {} }: BindingSpec,
  storeHost: string,
  { vaultSuffixes, cloud }: { readonly vaultSuffixes: readonly string[]; readonly cloud: CloudName },
): Result<PlannedVaults> {
  const suffixes = vaultSuffixesFor(storeHost, vaultSuffixes);
  const { vaults = [], allowedVaults } = keyVault;
  const stray = vaults.findIndex(({ host }) => !isBelow(host, suffixes));
  if (stray >= 0) return fail(foreignVault(stray, vaults[stray]?.host ?? '', suffixes, cloud));
  const planned = vaults.map(
    (vault, index) =>
      [vault.host, planTokenIdentity(vault.identity, `spec.keyVault.vaults[${index}].identity`)] as const,
  );
  return ok({
    suffixes,
    ...(allowedVaults === undefined ? {} : { allowed: allowedVaults }),
    ...generalReader(identity, keyVault.identity),
    identities: new Map(planned),
  });
}

function generalReader(
  own: BindingSpec['identity'],
  special: NonNullable<BindingSpec['keyVault']>['identity'],
): Pick<PlannedVaults, 'identity'> {
  if (special !== undefined) return { identity: planTokenIdentity(special, 'spec.keyVault.identity') };
  return own.connectionString === undefined ? { identity: planTokenIdentity(own, 'spec.identity') } : {};
}

function foreignVault(index: number, host: string, suffixes: readonly string[], cloud: CloudName): Failure {
  const known = suffixes.map((suffix) => `*.${suffix}`).join(', ');
  return invalidSpec(
    'InvalidSpec',
    `spec.keyVault.vaults[${index}].host: ${JSON.stringify(host)} lies under no domain of Key Vault in the store's cloud (${known}); correct it, or add its domain to the operator's setting vault-suffixes${otherCloudHint(host, cloud)}`,
  );
}

/** A host, or hosts with a * in the first label. */
export const isVaultPattern = (text: string): boolean => new RegExp(VAULT_PATTERN).test(text);

/** Whether `pattern` names `host`; a * stands for any characters of the first label. */
export function matchesVault(pattern: string, host: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll('.', String.raw`\.`));
  return new RegExp(`^${parts.join('[a-z0-9-]*')}$`).test(host);
}

/** Why the vault at `host` may not be read, whoever asks; undefined: it may. `operatorWide`: patterns, empty for all. */
export function vaultRefusal(
  host: string,
  { allowed }: Pick<PlannedVaults, 'allowed'>,
  operatorWide: readonly string[],
): Failure | undefined {
  const names = (patterns: readonly string[]) => patterns.some((pattern) => matchesVault(pattern, host));
  if (allowed !== undefined && !names(allowed)) {
    const message = `${host} is not among spec.keyVault.allowedVaults: add it there, or correct the reference`;
    return blocked('VaultNotAllowed', message);
  }
  if (operatorWide.length > 0 && !names(operatorWide)) {
    const message = `${host} is not among the vaults that the operator's setting allowed-vaults allows: have it added there, or correct the reference`;
    return blocked('VaultNotAllowed', message);
  }
  return undefined;
}
