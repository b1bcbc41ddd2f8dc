import type { Result } from '../../domain/failure.ts';
import type { Identity } from '../../domain/identity.ts';
import type { PlannedIdentity } from '../../domain/plan-identity.ts';
import type { Dependencies } from '../dependencies.ts';
import { identifyPrincipal } from '../identities/service-principal.ts';
import { identifyWorkload } from '../identities/workload-identity.ts';
import type { PlannedPass } from '../pass.ts';

/** Who is meant by an identity of the spec, as the objects of the binding's own namespace say now. */
export async function identify(
  wanted: PlannedIdentity,
  pass: PlannedPass,
  deps: Pick<Dependencies, 'serviceAccounts' | 'credentialSecrets' | 'hashKey' | 'settings'>,
): Promise<Result<Identity>> {
  switch (wanted.kind) {
    case 'WorkloadIdentity':
      return identifyWorkload(wanted, pass.namespace, deps);
    case 'ServicePrincipal':
      return identifyPrincipal(wanted, pass, deps);
  }
}
