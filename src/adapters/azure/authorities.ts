/**
 * Token audiences of App Configuration by host suffix. Both spellings are accepted in the public cloud; the
 * others follow the host (docs: "aka.ms/appconfig/client-token-audience").
 */
const STORE_AUDIENCES: readonly (readonly [suffix: string, audience: string])[] = [
  ['.azconfig.io', 'https://azconfig.io'],
  ['.appconfig.azure.com', 'https://appconfig.azure.com'],
  ['.azconfig.azure.us', 'https://appconfig.azure.us'],
  ['.appconfig.azure.us', 'https://appconfig.azure.us'],
  ['.azconfig.azure.cn', 'https://appconfig.azure.cn'],
  ['.appconfig.azure.cn', 'https://appconfig.azure.cn'],
];

/** The audience of tokens for the store at `host`; a host of no known cloud gets the public one. */
export function storeAudience(host: string): string {
  const known = STORE_AUDIENCES.find(([suffix]) => host.endsWith(suffix));
  return known?.[1] ?? 'https://azconfig.io';
}

/** Authorities whose metadata MSAL carries built in, so that it may do without instance discovery requests. */
const KNOWN_AUTHORITIES = new Set([
  'login.microsoftonline.com',
  'login.windows.net',
  'login.microsoftonline.us',
  'login.chinacloudapi.cn',
  'login.partner.microsoftonline.cn',
]);

/** False for private or pretend authorities: instance discovery would ask the public cloud about them. */
export const isKnownAuthority = (authorityHost: string): boolean =>
  KNOWN_AUTHORITIES.has(new URL(authorityHost).hostname);
