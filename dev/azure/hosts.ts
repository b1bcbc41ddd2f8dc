/** Host names of Azure's public cloud (E. Clouds); the only ones that the proxy opens. */
export const LOGIN_HOST = 'login.microsoftonline.com';
export const STORE_SUFFIX = '.azconfig.io';
export const VAULT_SUFFIX = '.vault.azure.net';

/** Every name the proxy's certificate covers. */
export const CERTIFICATE_NAMES = [`*${STORE_SUFFIX}`, `*${VAULT_SUFFIX}`, LOGIN_HOST];

export function storeHost(name: string): string {
  return name.toLowerCase() + STORE_SUFFIX;
}

export function vaultHost(name: string): string {
  return name.toLowerCase() + VAULT_SUFFIX;
}

/** Whether the proxy may open this host at all, whatever stores and vaults exist. */
export function isAzureHost(host: string): boolean {
  return host === LOGIN_HOST || host.endsWith(STORE_SUFFIX) || host.endsWith(VAULT_SUFFIX);
}
