import type { IdentityStatus } from '../../api/schema.ts';
import { type HashKey, hmacHex } from '../keyed-hash.ts';
import type { ClientCertificate } from './client-certificate.ts';
import type { Concealed } from './concealed.ts';
import type { AccessKey } from './connection-string.ts';

/**
 * Who reads Azure for a binding. Two bindings share an identity, and with it clients, tokens and proofs, when `key`
 * is equal: it is unique over the kind and all that matters of it.
 */
export type Identity = TokenIdentity | ConnectionString;

/** One that gets tokens, so that it may read stores and vaults. */
export type TokenIdentity = Application | ManagedIdentity | LocalIdentity;

/** One that Entra knows as an application. */
export type Application = WorkloadIdentity | ServicePrincipal;

/**
 * Where the ids of an application stand, in words for whoever must correct them: a field of the spec, or
 * {@link TENANT_SETTING}. Absent: in its ServiceAccount or Secret. No part of a key: it does not decide who reads.
 */
export interface IdOrigins {
  readonly clientId?: string;
  readonly tenantId?: string;
}

export const TENANT_SETTING = "the operator's setting tenant-id";

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
  readonly origins?: IdOrigins;
  /** Whether its tokens come from an AKS identity binding instead of a federated credential. */
  readonly azureProxy?: true;
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
  readonly origins?: IdOrigins;
  readonly credential: Concealed<ClientCredential>;
}

/** How an application proves who it is. */
export type ClientCredential = ClientSecret | ClientCertificate;

export interface ClientSecret {
  readonly kind: 'secret';
  readonly secret: string;
}

/**
 * An identity of the node that the operator runs on, whose tokens come from there. Everybody on that node may use it, so
 * the operator's settings have to allow it.
 */
export interface ManagedIdentity {
  readonly kind: 'ManagedIdentity';
  readonly key: string;
  /** Absent: the one that is assigned to the node by the system, or the only one. */
  readonly clientId?: string;
}

/** Whoever runs the operator on a laptop: it stands in for what any binding says. */
export interface LocalIdentity {
  readonly kind: 'LocalIdentity';
  readonly key: string;
  /** '' for the one of the login. */
  readonly tenantId: string;
}

/** An access key of one store, which is in a Secret of the binding's own namespace. It reads no vault. */
export interface ConnectionString {
  readonly kind: 'ConnectionString';
  /** Of a keyed digest of the access key, too. */
  readonly key: string;
  readonly namespace: string;
  readonly secretName: string;
  readonly accessKey: Concealed<AccessKey>;
}

/** Whether its tokens come from an AKS identity binding. */
export const isBound = (identity: Identity): identity is WorkloadIdentity & { readonly azureProxy: true } =>
  identity.kind === 'WorkloadIdentity' && identity.azureProxy === true;

/** `system:serviceaccount:<namespace>:<name>`, the subject a federated credential must name. */
export const subjectOf = (identity: {
  readonly namespace: string;
  readonly serviceAccount: string;
}): string => `system:serviceaccount:${identity.namespace}:${identity.serviceAccount}`;

export function workloadIdentity(parts: Omit<WorkloadIdentity, 'kind' | 'key'>): WorkloadIdentity {
  const { namespace, serviceAccount, serviceAccountUid, clientId, tenantId, azureProxy } = parts;
  const way = azureProxy ? ['proxy'] : [];
  const key = [namespace, serviceAccount, serviceAccountUid, clientId, tenantId, ...way].join('/');
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

export function connectionString(
  parts: Omit<ConnectionString, 'kind' | 'key'>,
  hashKey: HashKey,
): ConnectionString {
  const { namespace, secretName, accessKey } = parts;
  const digest = hmacHex(hashKey, CREDENTIAL_TAG, { ...accessKey.reveal() });
  const key = [namespace, secretName, digest].join('/');
  return { kind: 'ConnectionString', key: `ConnectionString ${key}`, ...parts };
}

export const managedIdentity = (clientId?: string): ManagedIdentity => ({
  kind: 'ManagedIdentity',
  key: `ManagedIdentity ${clientId ?? ''}`,
  ...(clientId === undefined ? {} : { clientId }),
});

export const localIdentity = (tenantId: string): LocalIdentity => ({
  kind: 'LocalIdentity',
  key: `LocalIdentity ${tenantId}`,
  tenantId,
});

/** As messages call it: "client 1111…". Whoever grants a role finds the identity by these words. */
export function callerOf(identity: Identity): string {
  switch (identity.kind) {
    case 'LocalIdentity':
      return 'your own login';
    case 'ManagedIdentity':
      return `managed identity ${identity.clientId ?? "of the operator's node"}`;
    case 'ConnectionString':
      return `the access key in Secret ${identity.namespace}/${identity.secretName}`;
    default:
      return `client ${identity.clientId}`;
  }
}

/** The same at the beginning of a sentence. */
export const callerAtStart = (identity: Identity): string =>
  callerOf(identity).replace(/^./, (first) => first.toUpperCase());

/** ` (<tenant id>)` for messages, where the tenant is known. */
export const tenantOf = (identity: TokenIdentity): string =>
  identity.kind === 'ManagedIdentity' ? '' : ` (${identity.tenantId})`;

/** What a user set for it, as messages name the place where it is corrected. */
export function originOf(identity: Identity): string {
  switch (identity.kind) {
    case 'WorkloadIdentity':
      return `ServiceAccount ${identity.namespace}/${identity.serviceAccount}`;
    case 'ServicePrincipal':
    case 'ConnectionString':
      return `Secret ${identity.namespace}/${identity.secretName}`;
    case 'ManagedIdentity':
      return callerOf(identity);
    case 'LocalIdentity':
      return "the operator's settings";
  }
}

/** The same for one of the ids of an application. */
export const originOfId = (identity: Application, id: keyof IdOrigins): string =>
  identity.origins?.[id] ?? originOf(identity);

/** What the status tells of it. */
export function identityStatus(identity: Identity): IdentityStatus {
  const { kind } = identity;
  switch (kind) {
    case 'WorkloadIdentity': {
      const { clientId, tenantId } = identity;
      return { kind, subject: subjectOf(identity), clientId, tenantId };
    }
    case 'ServicePrincipal': {
      const { secretName, clientId, tenantId } = identity;
      return { kind, secretName, clientId, tenantId };
    }
    case 'ConnectionString':
      return { kind, secretName: identity.secretName };
    case 'ManagedIdentity':
      return identity.clientId === undefined ? { kind } : { kind, clientId: identity.clientId };
    case 'LocalIdentity':
      return identity.tenantId === '' ? { kind } : { kind, tenantId: identity.tenantId };
  }
}
