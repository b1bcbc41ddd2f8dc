import { blocked, type Failure, fail, ok, type Result } from '../../domain/failure.ts';
import { annotatedApplication } from '../../domain/identity/annotated-application.ts';
import { type WorkloadIdentity, workloadIdentity } from '../../domain/identity/identity.ts';
import type { PlannedWorkloadIdentity } from '../../domain/identity/plan-identity.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import { findServiceAccount } from './service-account.ts';

/** A ServiceAccount of the binding's own namespace, and no other. */
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
  const { uid: serviceAccountUid, annotations = {} } = seen.metadata;
  const place = { called, annotations, fallbackTenant: deps.settings.tenantId };
  const application = annotatedApplication(wanted, place);
  if (!application.ok) return application;
  const account = { namespace, serviceAccount, serviceAccountUid, ...application.value };
  return ok(workloadIdentity(azureProxy ? { ...account, azureProxy } : account));
}

const noProxy = (field: string): Failure =>
  blocked(
    'AzureProxyMissing',
    `${field}.enableAzureProxy is set, and the operator knows no proxy for identity bindings: have AZURE_KUBERNETES_TOKEN_PROXY set in its pod, as the webhook of AKS does, or leave enableAzureProxy out`,
  );
