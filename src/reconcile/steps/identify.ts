import { ANNOTATION_CLIENT_ID, ANNOTATION_TENANT_ID } from '../../api/names.ts';
import { blocked, fail, ok, type Result } from '../../domain/failure.ts';
import { type Identity, workloadIdentity } from '../../domain/identity.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';

/**
 * Who this binding reads Azure as: a ServiceAccount of its own namespace, and no other. What the binding says
 * overrides the ServiceAccount's annotations; the operator's settings fill in the tenant.
 */
export function identify(
  { plan, namespace }: PlannedPass,
  { serviceAccounts, settings }: Pick<Dependencies, 'serviceAccounts' | 'settings'>,
): Result<Identity> {
  const wanted = plan.serviceAccount;
  const account = serviceAccounts.get(`${namespace}/${wanted.name}`);
  const called = `ServiceAccount ${namespace}/${wanted.name}`;
  if (account?.metadata.uid === undefined) {
    const remedy = 'create it, or correct spec.identity.workloadIdentity.serviceAccountName';
    return fail(blocked('ServiceAccountNotFound', `${called} does not exist: ${remedy}`));
  }
  const annotations = account.metadata.annotations ?? {};
  const clientId = wanted.clientId ?? annotations[ANNOTATION_CLIENT_ID];
  if (clientId === undefined || clientId === '') {
    const remedy = `annotate it with ${ANNOTATION_CLIENT_ID}, or set spec.identity.workloadIdentity.clientId`;
    return fail(blocked('ClientIdMissing', `${called} names no Entra application: ${remedy}`));
  }
  const tenantId = wanted.tenantId ?? annotations[ANNOTATION_TENANT_ID] ?? settings.tenantId;
  if (tenantId === '') {
    const remedy = `annotate it with ${ANNOTATION_TENANT_ID}, set spec.identity.workloadIdentity.tenantId, or set the operator's --tenant-id`;
    return fail(blocked('TenantIdMissing', `${called} names no Entra tenant: ${remedy}`));
  }
  const { uid: serviceAccountUid } = account.metadata;
  return ok(
    workloadIdentity({ namespace, serviceAccount: wanted.name, serviceAccountUid, clientId, tenantId }),
  );
}
