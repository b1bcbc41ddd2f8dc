/** Resource URIs that exist in every tenant, over all clouds (E. Clouds). */
const RESOURCES = new Set([
  'https://azconfig.io',
  'https://appconfig.azure.com',
  'https://appconfig.azure.us',
  'https://azconfig.azure.us',
  'https://appconfig.azure.cn',
  'https://azconfig.azure.cn',
  'https://vault.azure.net',
  'https://vault.usgovcloudapi.net',
  'https://vault.azure.cn',
]);

/** Splits `<resource>/.default`; undefined when the scope is anything else (AADSTS70011). */
export function resourceOf(scope: string): string | undefined {
  const suffix = '/.default';
  if (/\s/.test(scope) || !scope.endsWith(suffix)) return undefined;
  return scope.slice(0, -suffix.length);
}

/** Whether Entra knows the resource; a store's own URL is one too (A.13). */
export function isKnownResource(resource: string, storeExists: (host: string) => boolean): boolean {
  const wanted = resource.toLowerCase().replace(/\/$/, '');
  return RESOURCES.has(wanted) || storeExists(wanted.replace(/^https:\/\//, ''));
}
