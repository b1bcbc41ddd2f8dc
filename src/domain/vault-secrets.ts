import type { BindingSpec } from '../api/schema.ts';
import { type CloudName, otherCloudHint } from './clouds.ts';
import { expansionOf, type PlannedExpansion } from './expand-json.ts';
import { type Failure, fail, invalidSpec, ok, type Result } from './failure.ts';
import { type KeyRules, mapKey } from './keys.ts';
import type { ReferenceEntry } from './secret-content.ts';
import { TLS } from './secret-types.ts';
import type { SecretReference } from './settings.ts';

/**
 * Secrets that a binding names itself.
 *
 * Guarantees: each lies in a vault directly below a known domain. An environment fills in a part of the vault's name
 * and nothing else: it has letters, digits and hyphens only, so that whoever may label the namespace cannot choose
 * another domain.
 */
export type VaultSecrets = ReadonlyMap<string, ReferenceEntry>;

export interface VaultSecretRules {
  readonly environment: string | undefined;
  /** Domains below which a vault may lie; the first is that of vaults that are given by name. */
  readonly suffixes: readonly string[];
  /** The operator's. */
  readonly cloud: CloudName;
  readonly keys: KeyRules;
  readonly expandJson?: PlannedExpansion;
}

/** By final key. */
export function planVaultSecrets(
  wanted: NonNullable<BindingSpec['keyVault']>['secrets'],
  rules: VaultSecretRules,
): Result<VaultSecrets> {
  const planned = new Map<string, ReferenceEntry>();
  for (const [index, { vault, name, version, key, type }] of (wanted ?? []).entries()) {
    const host = vaultHost(vault, rules);
    if ('problem' in host) return fail(unusable(index, host.problem));
    const reference: SecretReference = {
      vault: host.host,
      name,
      ...(version === undefined ? {} : { version: version.toLowerCase() }),
    };
    planned.set(key ?? mapKey(name, rules.keys), {
      kind: 'reference',
      reference,
      ...useOf(key ?? name, type, rules),
    });
  }
  return ok(planned);
}

function useOf(
  key: string,
  type: string | undefined,
  { keys, expandJson }: VaultSecretRules,
): Pick<ReferenceEntry, 'use'> {
  if (type === TLS) return { use: { as: 'certificate' } };
  const expansion = expansionOf(key, keys, expandJson);
  return expansion === undefined ? {} : { use: { as: 'keys', ...expansion } };
}

const unusable = (index: number, problem: string): Failure =>
  invalidSpec('InvalidSpec', `spec.keyVault.secrets[${index}].vault: ${problem}`);

const PLACEHOLDER = '{environment}';
const ENVIRONMENT = /^[A-Za-z0-9-]+$/;
/** As Key Vault has it: 3 to 24 characters, a letter first, no hyphen at the end. */
const VAULT_NAME = /^[a-z][a-z0-9-]{1,22}[a-z0-9]$/;

function vaultHost(
  text: string,
  { environment, suffixes, cloud }: VaultSecretRules,
): { readonly host: string } | { readonly problem: string } {
  if (text.includes(PLACEHOLDER)) {
    if (environment === undefined)
      return {
        problem: `${text} names an environment and there is none: set spec.environment, or label the namespace`,
      };
    if (!ENVIRONMENT.test(environment))
      return {
        problem: `the environment ${JSON.stringify(environment)} cannot be part of the name of a vault: only letters, digits and "-" can`,
      };
  }
  const filled = text.replaceAll(PLACEHOLDER, environment ?? '').toLowerCase();
  const [name = '', ...rest] = filled.split('.');
  const suffix = rest.length === 0 ? suffixes[0] : rest.join('.');
  if (suffix === undefined || !suffixes.some((known) => known.toLowerCase() === suffix))
    return {
      problem: `${JSON.stringify(filled)} lies under no known domain of Key Vault (${suffixes.join(', ')})${otherCloudHint(filled, cloud)}`,
    };
  if (!VAULT_NAME.test(name))
    return {
      problem: `${JSON.stringify(name)} is no name of a vault: 3 to 24 letters, digits and "-", a letter first`,
    };
  return { host: `${name}.${suffix}` };
}

/** What is read, and where, in words. */
export interface Origin {
  readonly things: 'settings' | 'secrets';
  readonly place: string;
}

export const NOWHERE: Origin = { things: 'settings', place: '' };

/** A store, and the vaults that the binding itself names. */
export function originOf(plan: { readonly endpoint?: string; readonly vaultSecrets: VaultSecrets }): Origin {
  const vaults = [...new Set([...plan.vaultSecrets.values()].map(({ reference }) => reference.vault))];
  const places = plan.endpoint === undefined ? vaults : [plan.endpoint, ...vaults];
  return { things: plan.endpoint === undefined ? 'secrets' : 'settings', place: places.join(' and ') };
}
