import { blocked, fail, ok, type Result } from '../../domain/failure.ts';
import { type ManagedIdentity, managedIdentity } from '../../domain/identity/identity.ts';
import type { PlannedManagedIdentity } from '../../domain/identity/plan-identity.ts';
import type { Dependencies } from '../dependencies.ts';

/** An identity of the operator's node: every namespace would be the same reader, so the operator's owner decides. */
export function identifyManaged(
  { field, clientId }: PlannedManagedIdentity,
  { settings }: Pick<Dependencies, 'settings'>,
): Result<ManagedIdentity> {
  if (settings.allowManagedIdentities) return ok(managedIdentity(clientId));
  const message = `${field} is not allowed here: use workloadIdentity, or have the operator's setting allow-managed-identities turned on`;
  return fail(blocked('ManagedIdentityNotAllowed', message));
}
