import { ANNOTATION_CLIENT_ID, ANNOTATION_TENANT_ID } from '../../api/names.ts';
import { blocked, fail, ok, type Result } from '../../domain/failure.ts';
import { type WorkloadIdentity, workloadIdentity } from '../../domain/identity.ts';
import type { PlannedWorkloadIdentity } from '../../domain/plan-identity.ts';
import type { Dependencies } from '../dependencies.ts';

/**
 * A ServiceAccount of the binding's own namespace, and no other. What the binding says overrides the ServiceAccount's
 * annotations; the operator's settings fill in the tenant.
 */
export function identifyWorkload(
  wanted: PlannedWorkloadIdentity,
  namespace: string,
  { serviceAccounts, settings }: Pick<Dependencies, 'serviceAccounts' | 'settings'>,
): Result<WorkloadIdentity> {
  const { field, serviceAccount } = wanted;
  const account = serviceAccounts.get(`${namespace}/${serviceAccount}`);
  const called = `ServiceAccount ${namespace}/${serviceAccount}`;
  if (account?.metadata.uid === undefined) {
    const remedy = `create it, or correct ${field}.serviceAccountName`;
    return fail(blocked('ServiceAccountNotFound', `${called} does not exist: ${remedy}`));
  }
  const annotations = account.metadata.annotations ?? {};
  const clientId = wanted.clientId ?? annotations[ANNOTATION_CLIENT_ID];
  if (clientId === undefined || clientId === '') {
    const remedy = `annotate it with ${ANNOTATION_CLIENT_ID}, or set ${field}.clientId`;
    return fail(blocked('ClientIdMissing', `${called} names no Entra application: ${remedy}`));
  }
  const tenantId = wanted.tenantId ?? annotations[ANNOTATION_TENANT_ID] ?? settings.tenantId;
  if (tenantId === '') {
    const remedy = `annotate it with ${ANNOTATION_TENANT_ID}, set ${field}.tenantId, or set the operator's --tenant-id`;
    return fail(blocked('TenantIdMissing', `${called} names no Entra tenant: ${remedy}`));
  }
  const { uid: serviceAccountUid } = account.metadata;
  return ok(workloadIdentity({ namespace, serviceAccount, serviceAccountUid, clientId, tenantId }));
}
