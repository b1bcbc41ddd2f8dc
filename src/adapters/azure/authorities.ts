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
