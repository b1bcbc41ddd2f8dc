/**
 * The Azure clouds by their host suffixes. A token of a user's identity goes only to hosts below them (or below those
 * that the operator's settings add), so that a binding cannot send one elsewhere.
 */
interface Cloud {
  /** App Configuration; the second name is the newer one. */
  readonly storeSuffixes: readonly string[];
  /** Key Vault. */
  readonly vaultSuffixes: readonly string[];
}

const CLOUDS: readonly Cloud[] = [
  { storeSuffixes: ['azconfig.io', 'appconfig.azure.com'], vaultSuffixes: ['vault.azure.net'] },
  {
    storeSuffixes: ['azconfig.azure.us', 'appconfig.azure.us'],
    vaultSuffixes: ['vault.usgovcloudapi.net'],
  },
  { storeSuffixes: ['azconfig.azure.cn', 'appconfig.azure.cn'], vaultSuffixes: ['vault.azure.cn'] },
];

export const STORE_SUFFIXES: readonly string[] = CLOUDS.flatMap(({ storeSuffixes }) => storeSuffixes);
export const VAULT_SUFFIXES: readonly string[] = CLOUDS.flatMap(({ vaultSuffixes }) => vaultSuffixes);

/** Whether `host` (lower case) lies strictly below one of `suffixes`. */
export const isBelow = (host: string, suffixes: readonly string[]): boolean =>
  suffixes.some((suffix) => host.endsWith(`.${suffix.toLowerCase()}`));

/**
 * Those of `known` below which the settings of a store may name vaults: not those of other clouds than the store's. A
 * store below a suffix of the operator's settings may be of any.
 */
export function vaultSuffixesFor(storeHost: string, known: readonly string[]): readonly string[] {
  const own = CLOUDS.find(({ storeSuffixes }) => isBelow(storeHost, storeSuffixes));
  if (own === undefined) return known;
  const foreign = CLOUDS.filter((cloud) => cloud !== own).flatMap(({ vaultSuffixes }) => vaultSuffixes);
  return known.filter((suffix) => !foreign.includes(suffix));
}
