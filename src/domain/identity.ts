import type { IdentityStatus } from '../api/schema.ts';
import type { Concealed } from './concealed.ts';
import { type HashKey, hmacHex } from './hash.ts';

/**
 * Who reads Azure for a binding. Two bindings share an identity, and with it clients, tokens and proofs, when `key`
 * is equal: it is unique over the kind and all that matters of it.
 */
export type Identity = WorkloadIdentity | ServicePrincipal | LocalIdentity;

/** One that Entra knows as an application. */
export type Application = WorkloadIdentity | ServicePrincipal;

/** A ServiceAccount of the binding's own namespace, federated to an Entra application. */
export interface WorkloadIdentity {
  readonly kind: 'WorkloadIdentity';
  /** Of the uid, too: a re-created or re-annotated ServiceAccount is another identity. */
  readonly key: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly serviceAccountUid: string;
  readonly clientId: string;
  readonly tenantId: string;
}

/** An Entra application that proves itself by what a Secret of the binding's own namespace holds. */
export interface ServicePrincipal {
  readonly kind: 'ServicePrincipal';
  /** Of a keyed digest of the credential, too: a changed Secret is another identity. */
  readonly key: string;
  readonly namespace: string;
  readonly secretName: string;
  readonly clientId: string;
  readonly tenantId: string;
  readonly credential: Concealed<ClientCredential>;
}

/** Whoever runs the operator on a laptop: it stands in for what any binding says. */
export interface LocalIdentity {
  readonly kind: 'LocalIdentity';
  readonly key: string;
  /** '' for the one of the login. */
  readonly tenantId: string;
}

/** How an application proves who it is. */
export interface ClientCredential {
  readonly kind: 'secret';
  readonly secret: string;
}

/** `system:serviceaccount:<namespace>:<name>`, the subject a federated credential must name. */
export const subjectOf = (identity: {
  readonly namespace: string;
  readonly serviceAccount: string;
}): string => `system:serviceaccount:${identity.namespace}:${identity.serviceAccount}`;

export function workloadIdentity(parts: Omit<WorkloadIdentity, 'kind' | 'key'>): WorkloadIdentity {
  const { namespace, serviceAccount, serviceAccountUid, clientId, tenantId } = parts;
  const key = [namespace, serviceAccount, serviceAccountUid, clientId, tenantId].join('/');
  return { kind: 'WorkloadIdentity', key: `WorkloadIdentity ${key}`, ...parts };
}

const CREDENTIAL_TAG = 'appconfig.dev/credential/v1';

export function servicePrincipal(
  parts: Omit<ServicePrincipal, 'kind' | 'key'>,
  hashKey: HashKey,
): ServicePrincipal {
  const { namespace, secretName, clientId, tenantId, credential } = parts;
  const digest = hmacHex(hashKey, CREDENTIAL_TAG, { ...credential.reveal() });
  const key = [namespace, secretName, clientId, tenantId, digest].join('/');
  return { kind: 'ServicePrincipal', key: `ServicePrincipal ${key}`, ...parts };
}

export const localIdentity = (tenantId: string): LocalIdentity => ({
  kind: 'LocalIdentity',
  key: `LocalIdentity ${tenantId}`,
  tenantId,
});

/** As messages call it: "client 1111…". Whoever grants a role finds the identity by these words. */
export const callerOf = (identity: Identity): string =>
  identity.kind === 'LocalIdentity' ? 'your own login' : `client ${identity.clientId}`;

/** The same at the beginning of a sentence. */
export const callerAtStart = (identity: Identity): string =>
  callerOf(identity).replace(/^./, (first) => first.toUpperCase());

/** What a user set for it, as messages name the place where ids are corrected. */
export function originOf(identity: Identity): string {
  switch (identity.kind) {
    case 'WorkloadIdentity':
      return `ServiceAccount ${identity.namespace}/${identity.serviceAccount}`;
    case 'ServicePrincipal':
      return `Secret ${identity.namespace}/${identity.secretName}`;
    case 'LocalIdentity':
      return "the operator's settings";
  }
}

/** What the status tells of it. */
export function identityStatus(identity: Identity): IdentityStatus {
  const { kind, tenantId } = identity;
  switch (kind) {
    case 'WorkloadIdentity':
      return { kind, subject: subjectOf(identity), clientId: identity.clientId, tenantId };
    case 'ServicePrincipal':
      return { kind, secretName: identity.secretName, clientId: identity.clientId, tenantId };
    case 'LocalIdentity':
      return tenantId === '' ? { kind } : { kind, tenantId };
  }
}
