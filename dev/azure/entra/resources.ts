import type { CloudNames } from '../hosts.ts';

/** Splits `<resource>/.default`; undefined when the scope is anything else (AADSTS70011). */
export function resourceOf(scope: string): string | undefined {
  const suffix = '/.default';
  if (/\s/.test(scope) || !scope.endsWith(suffix)) return undefined;
  return scope.slice(0, -suffix.length);
}

/** Whether Entra knows the resource: those of its cloud exist in every tenant; a store's own URL is one too (A.13, E). */
export function isKnownResource(
  resource: string,
  { storeAudiences, vaultAudience }: CloudNames,
  storeExists: (host: string) => boolean,
): boolean {
  const wanted = resource.toLowerCase().replace(/\/$/, '');
  return (
    [...storeAudiences, vaultAudience].includes(wanted) || storeExists(wanted.replace(/^https:\/\//, ''))
  );
}
