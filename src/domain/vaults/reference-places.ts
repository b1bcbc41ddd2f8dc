import type { ReferenceEntry } from '../content/entry.ts';
import type { Failure } from '../failure.ts';
import type { VaultSecrets } from './vault-secrets.ts';

/**
 * The failure of a read, with where the name of the secret is corrected. Whoever reads a vault cannot tell: what is read
 * is shared between bindings that name it in different places.
 */
export function withPlace(
  failure: Failure,
  [key, { listed }]: readonly [key: string, entry: ReferenceEntry],
  { vaultSecrets }: { readonly vaultSecrets: VaultSecrets },
): Failure {
  if (failure.kind !== 'blocked') return failure;
  if (failure.reason !== 'SecretNotFound' && failure.reason !== 'InvalidReference') return failure;
  return { ...failure, message: `${failure.message} ${advice(vaultSecrets.has(key), listed !== undefined)}` };
}

function advice(isNamed: boolean, isListed: boolean): string {
  if (isNamed) return 'If the name or version is wrong, correct spec.keyVault.secrets.';
  if (isListed) return 'The list of the vault had it (spec.keyVault.all), and the next list decides.';
  return 'If the name or version is wrong, correct the reference in the store.';
}
