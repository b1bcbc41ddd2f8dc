/** What refusals mean that came through the proxy of AKS identity bindings, where a binding asked for it. */
import { blocked, type Failure } from '../../domain/failure.ts';
import { subjectOf, type WorkloadIdentity } from '../../domain/identity/identity.ts';
import { allowIdentityBinding, createIdentityBinding } from '../../domain/remedies/identity-binding.ts';
import { withRemedy } from '../../domain/remedies/remedy.ts';

type Refused = { readonly identity: WorkloadIdentity };

/** Numbers of Entra for a federated credential that is missing or does not fit: of an identity binding AKS makes it. */
export const NOT_BOUND = new Set([70025, 70021, 700211, 700212, 700213, 7002138]);

/**
 * The failure, if the answer is one that only the proxy's way explains. How AKS words its own refusals is not
 * documented: whatever is no number of Entra and no pause is taken as a refusal of the ServiceAccount.
 */
export function proxyFailure(
  { identity }: Refused,
  { status, code }: { readonly status: number; readonly code: number | undefined },
): Failure | undefined {
  if (code !== undefined) return NOT_BOUND.has(code) ? notBound(identity, `AADSTS${code}`) : undefined;
  return notAllowed(identity, `HTTP ${status}`);
}

const notBound = (identity: WorkloadIdentity, number: string): Failure =>
  withRemedy(
    blocked(
      'IdentityBindingRefused',
      `Managed identity ${identity.clientId} has no identity binding with this cluster (${number}): create one, or leave enableAzureProxy out and create a federated credential. A new one takes seconds to minutes to work.`,
    ),
    createIdentityBinding(identity),
  );

const notAllowed = (identity: WorkloadIdentity, status: string): Failure =>
  withRemedy(
    blocked(
      'IdentityBindingRefused',
      `The identity binding proxy of the cluster gives ${subjectOf(identity)} no token of managed identity ${identity.clientId} (${status}): allow it the verb use-managed-identity on ${identity.clientId} of the API group cid.wi.aks.azure.com by a ClusterRole, and create an identity binding for the cluster if there is none.`,
    ),
    allowIdentityBinding(identity),
  );
