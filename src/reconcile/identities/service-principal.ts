import { blocked, fail, ok, type Result } from '../../domain/failure.ts';
import { readApplicationSecret } from '../../domain/identity/client-credential.ts';
import { Concealed } from '../../domain/identity/concealed.ts';
import { type ServicePrincipal, servicePrincipal } from '../../domain/identity/identity.ts';
import { originsOf, type PlannedServicePrincipal } from '../../domain/identity/plan-identity.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import { readCredential } from './read-credential.ts';

/**
 * An application whose credential lies in a Secret of the binding's own namespace. Ids in the binding override those
 * in the Secret; the operator's settings fill in the tenant.
 */
export async function identifyPrincipal(
  wanted: PlannedServicePrincipal,
  pass: PlannedPass,
  deps: Pick<Dependencies, 'credentialSecrets' | 'hashKey' | 'settings'>,
): Promise<Result<ServicePrincipal>> {
  const { field, secretName } = wanted;
  const { namespace } = pass;
  const read = await readCredential(pass, { name: secretName, field: `${field}.secretRef.name` }, deps);
  if (!read.ok) return read;
  const called = `Secret ${namespace}/${secretName}`;
  const found = readApplicationSecret(read.value.reveal());
  if (!found.ok) return fail(blocked('CredentialSecretInvalid', `${called}: ${found.problem}`));
  const clientId = wanted.clientId ?? found.clientId;
  if (clientId === undefined) {
    const remedy = `add the key clientId, or set ${field}.clientId`;
    return fail(blocked('ClientIdMissing', `${called} names no Entra application: ${remedy}`));
  }
  const tenantId = wanted.tenantId ?? found.tenantId ?? deps.settings.tenantId;
  if (tenantId === '') {
    const remedy = `add the key tenantId, set ${field}.tenantId, or set the operator's --tenant-id`;
    return fail(blocked('TenantIdMissing', `${called} names no Entra tenant: ${remedy}`));
  }
  const credential = new Concealed(found.credential);
  const origins = originsOf(wanted, found);
  return ok(
    servicePrincipal({ namespace, secretName, clientId, tenantId, origins, credential }, deps.hashKey),
  );
}
