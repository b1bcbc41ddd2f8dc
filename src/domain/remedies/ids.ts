/** Commands that put a client id or tenant id right where it stands. */
import { type IdOrigins, TENANT_SETTING } from '../identity/identity.ts';

/** Writes an id into the ServiceAccount or the Secret of an identity: a command for a POSIX shell. */
type Put = (value: string) => string;

const TENANT_OF_LOGIN = 'az account show --query tenantId --output tsv';

/**
 * CLIENT_ID is to be chosen from what was listed before. What the binding says itself is edited where the binding is kept:
 * it counts more than whatever `put` would write.
 */
export function putClientId({ clientId: place }: IdOrigins, put: Put): readonly string[] {
  return place === undefined
    ? ['# CLIENT_ID is the right one of them:', put('CLIENT_ID')]
    : [`# Put the right one of them into ${place} of the binding.`];
}

/** A ServiceAccount or Secret that names a tenant counts more than the operator's setting, the binding more than both. */
export function putTenantId({ tenantId: place }: IdOrigins, put: Put): readonly string[] {
  const ofLogin = '# The tenant of the subscription that the Azure CLI is logged in to';
  const here = put(`$(${TENANT_OF_LOGIN})`);
  if (place === undefined) return [`${ofLogin}:`, here];
  if (place === TENANT_SETTING) return [`${ofLogin}, in place of that of ${place}:`, here];
  return [`${ofLogin}; put the right one into ${place} of the binding:`, TENANT_OF_LOGIN];
}
