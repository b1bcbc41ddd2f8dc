import type { KubernetesError, KubernetesResult } from '../../../src/ports/kubernetes.ts';

type Cause = { readonly reason: string; readonly field: string };

const refuse =
  (code: number, reason: string) =>
  (...causes: Cause[]): KubernetesError => ({ kind: 'status', code, reason, causes });

/** The answers of a real 1.36 API server, by HTTP status and reason. */
export const badRequest = refuse(400, 'BadRequest');
export const forbidden = refuse(403, 'Forbidden');
export const notFound = refuse(404, 'NotFound');
export const alreadyExists = refuse(409, 'AlreadyExists');
export const conflict = refuse(409, 'Conflict');
export const expired = refuse(410, 'Expired');
export const tooLarge = refuse(413, 'RequestEntityTooLarge');
export const invalid = refuse(422, 'Invalid');
export const namespaceTerminating = (): KubernetesError =>
  forbidden({ reason: 'NamespaceTerminating', field: 'metadata.namespace' });

export const ok = <T>(value: T): KubernetesResult<T> => ({ ok: true, value });
export const fail = (error: KubernetesError): { ok: false; error: KubernetesError } => ({ ok: false, error });
