/**
 * Host suffixes of the Azure clouds. A token of a user's identity goes only to hosts below them (or below those
 * that the operator's settings add), so that a binding cannot send one elsewhere.
 */

/** App Configuration: public, US Government, China; the second name of each is the newer one. */
export const STORE_SUFFIXES: readonly string[] = [
  'azconfig.io',
  'appconfig.azure.com',
  'azconfig.azure.us',
  'appconfig.azure.us',
  'azconfig.azure.cn',
  'appconfig.azure.cn',
];

/** Key Vault: public, US Government, China. */
export const VAULT_SUFFIXES: readonly string[] = [
  'vault.azure.net',
  'vault.usgovcloudapi.net',
  'vault.azure.cn',
];

/** Whether `host` (lower case) lies strictly below one of `suffixes`. */
export const isBelow = (host: string, suffixes: readonly string[]): boolean =>
  suffixes.some((suffix) => host.endsWith(`.${suffix.toLowerCase()}`));
