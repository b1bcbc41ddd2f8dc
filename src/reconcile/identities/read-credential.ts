import { ok, type Result } from '../../domain/failure.ts';
import type { Concealed } from '../../domain/identity/concealed.ts';
import type { SecretTexts } from '../../domain/identity/secret-members.ts';
import type { SecretPlace } from '../credential-secrets.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';

/**
 * Reads the Secret of an identity, of the binding's own namespace, shared with others: nothing older than a refresh
 * interval will do, and a refresh that someone asks for reads it anew. Remembers when it is due again.
 */
export async function readCredential(
  { memory, namespace, plan, refreshRequested }: PlannedPass,
  place: Omit<SecretPlace, 'namespace'>,
  { credentialSecrets }: Pick<Dependencies, 'credentialSecrets'>,
): Promise<Result<Concealed<SecretTexts>>> {
  const maxAgeMs = refreshRequested ? 0 : plan.refreshIntervalMs;
  const read = await credentialSecrets.read({ ...place, namespace }, maxAgeMs);
  if (!read.ok) return read;
  memory.credentialsReadAt = Math.min(memory.credentialsReadAt ?? Infinity, read.value.readAt);
  return ok(read.value.texts);
}
