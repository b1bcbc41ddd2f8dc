import { ANNOTATION_CLIENT_ID, ANNOTATION_TENANT_ID } from '../../api/names.ts';
import { blocked, type Failure, fail, ok, type Result } from '../../domain/failure.ts';
import { type WorkloadIdentity, workloadIdentity } from '../../domain/identity.ts';
import { originsOf, type PlannedWorkloadIdentity } from '../../domain/plan-identity.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import { findServiceAccount } from './service-account.ts';

/**
 * A ServiceAccount of the binding's own namespace, and no other. What the binding says overrides the ServiceAccount's
 * annotations; the operator's settings fill in the tenant.
 */
export async function identifyWorkload(
  wanted: PlannedWorkloadIdentity,
  pass: PlannedPass,
  deps: Pick<Dependencies, 'serviceAccounts' | 'kube' | 'settings'>,
): Promise<Result<WorkloadIdentity>> {
  const { namespace } = pass;
  const { field, serviceAccount, azureProxy } = wanted;
  if (azureProxy && !deps.settings.azureProxy) return fail(noProxy(field));
  const found = await findServiceAccount(serviceAccount, pass, deps);
  if (!found.ok) return found;
  const seen = found.value;
  const called = `ServiceAccount ${namespace}/${serviceAccount}`;
  if (seen?.metadata.uid === undefined) {
    const remedy = `create it, or correct ${field}.serviceAccountName`;
    return fail(blocked('ServiceAccountNotFound', `${called} does not exist: ${remedy}`));
  }
  const annotations = seen.metadata.annotations ?? {};
  const clientId = wanted.clientId ?? annotations[ANNOTATION_CLIENT_ID];
  if (clientId === undefined || clientId === '') {
    const remedy = `annotate it with ${ANNOTATION_CLIENT_ID}, or set ${field}.clientId`;
    return fail(blocked('ClientIdMissing', `${called} names no Entra application: ${remedy}`));
  }
  const tenantId = wanted.tenantId ?? annotations[ANNOTATION_TENANT_ID] ?? deps.settings.tenantId;
  if (tenantId === '') {
    const remedy = `annotate it with ${ANNOTATION_TENANT_ID}, set ${field}.tenantId, or set the operator's --tenant-id`;
    return fail(blocked('TenantIdMissing', `${called} names no Entra tenant: ${remedy}`));
  }
  const { uid: serviceAccountUid } = seen.metadata;
  const origins = originsOf(wanted, { tenantId: annotations[ANNOTATION_TENANT_ID] });
  const account = { namespace, serviceAccount, serviceAccountUid, clientId, tenantId, origins };
  return ok(workloadIdentity(azureProxy ? { ...account, azureProxy } : account));
}

const noProxy = (field: string): Failure =>
  blocked(
    'AzureProxyMissing',
    `${field}.enableAzureProxy is set, and the operator knows no proxy for identity bindings: have AZURE_KUBERNETES_TOKEN_PROXY set in its pod, as the webhook of AKS does, or leave enableAzureProxy out`,
  );
