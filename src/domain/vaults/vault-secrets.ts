import type { BindingSpec } from '../../api/schema.ts';
import { type CloudName, otherCloudHint } from '../clouds.ts';
import type { ReferenceEntry } from '../content/entry.ts';
import { blocked, type Failure, fail, invalidSpec, ok, type Result } from '../failure.ts';
import { firstPlaces } from '../first-few.ts';
import { type KeyRules, mapKey } from '../keys.ts';
import { expansionOf, type PlannedExpansion } from '../secrets/expand-json.ts';
import type { SecretReference } from '../secrets/secret.ts';
import { TLS } from '../targets/secret-types.ts';

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
  /** Where it comes from, or would come from. */
  readonly environmentSource: 'spec' | 'namespace';
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
    const host = vaultHost(vault, rules, `spec.keyVault.secrets[${index}]`);
    if (!host.ok) return host;
    const reference: SecretReference = {
      vault: host.value,
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

/** What becomes of the value of a secret; `key`: its own, else its name. */
export function useOf(
  key: string,
  type: string | undefined,
  { keys, expandJson }: Pick<VaultSecretRules, 'keys' | 'expandJson'>,
): Pick<ReferenceEntry, 'use'> {
  if (type === TLS) return { use: { as: 'certificate' } };
  const expansion = expansionOf(key, keys, expandJson);
  return expansion === undefined ? {} : { use: { as: 'keys', ...expansion } };
}

/** The host of the vault that `at`, the path of an entry of the spec, names. */
export function vaultHost(text: string, rules: VaultSecretRules, at: string): Result<string> {
  const found = hostOf(text, rules);
  return 'host' in found ? ok(found.host) : fail(unusable(text, rules, `${at}.vault: ${found.problem}`));
}

/** What a label of the namespace may mend is no fault of the spec: it is looked at again. */
const unusable = (text: string, { environmentSource }: VaultSecretRules, message: string): Failure =>
  text.includes(PLACEHOLDER) && environmentSource === 'namespace'
    ? blocked('InvalidSpec', message)
    : invalidSpec('InvalidSpec', message);

const PLACEHOLDER = '{environment}';
const ENVIRONMENT = /^[A-Za-z0-9-]+$/;
/** As Key Vault has it: 3 to 24 characters, a letter first, no hyphen at the end. */
const VAULT_NAME = /^[a-z][a-z0-9-]{1,22}[a-z0-9]$/;

function hostOf(
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

const NAMED_PLACES = 4;

/** A store, and the vaults that the binding itself names: the first few. */
export function originOf({ endpoint, vaultSecrets, vaultSelections }: OriginPlan): Origin {
  const named = [...vaultSecrets.values()].map(({ reference }) => reference.vault);
  const vaults = [...new Set([...vaultSelections.map(({ vault }) => vault), ...named])];
  const places = endpoint === undefined ? vaults : [endpoint, ...vaults];
  const place = firstPlaces(places, NAMED_PLACES);
  return { things: endpoint === undefined ? 'secrets' : 'settings', place };
}

interface OriginPlan {
  readonly endpoint?: string;
  readonly vaultSecrets: VaultSecrets;
  readonly vaultSelections: readonly { readonly vault: string }[];
}
