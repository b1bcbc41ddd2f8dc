/**
 * Who reads Azure for a binding: a ServiceAccount of the binding's own namespace, federated to an Entra
 * application. Two bindings share an identity, and with it clients, tokens and proofs, when `key` is equal.
 */
export interface WorkloadIdentity {
  /** Unique over all fields below, so a re-created or re-annotated ServiceAccount is another identity. */
  readonly key: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly serviceAccountUid: string;
  readonly clientId: string;
  readonly tenantId: string;
}

export type Identity = WorkloadIdentity;

/** `system:serviceaccount:<namespace>:<name>`, the subject a federated credential must name. */
export const subjectOf = (identity: {
  readonly namespace: string;
  readonly serviceAccount: string;
}): string => `system:serviceaccount:${identity.namespace}:${identity.serviceAccount}`;

export function workloadIdentity(parts: Omit<WorkloadIdentity, 'key'>): WorkloadIdentity {
  const { namespace, serviceAccount, serviceAccountUid, clientId, tenantId } = parts;
  const key = [namespace, serviceAccount, serviceAccountUid, clientId, tenantId].join('/');
  return { key, ...parts };
}
