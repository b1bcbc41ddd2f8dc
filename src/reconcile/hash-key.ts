import { randomBytes } from 'node:crypto';
import { MANAGER } from '../api/names.ts';
import { fail, ok, type Result, unavailable } from '../domain/failure.ts';
import { type HashKey, hashKey } from '../domain/keyed-hash.ts';
import type { KubernetesObject, ObjectReader, ObjectWriter } from '../ports/kubernetes.ts';
import { SECRET } from './kinds.ts';
import { isNotFound, kubernetesFailure } from './kubernetes-failures.ts';

/**
 * The key of every hash that covers secret content. It lives in one Secret of the operator's own namespace and is
 * made by the operator itself, with POST: of several that start at once one wins and the others read its key. A
 * chart that made it would hand out a new key, and with it rewrite every target, at each upgrade.
 *
 * Deleting the Secret is harmless: a new key re-renders annotations, restarts nothing.
 */

interface KeySecret extends KubernetesObject {
  readonly type?: string;
  readonly immutable?: boolean;
  readonly data?: Readonly<Record<string, string>>;
}

const FIELD = 'key';
const BYTES = 32;

export interface HashKeyOptions {
  readonly namespace: string;
  readonly name: string;
  readonly signal: AbortSignal;
}

/** Reads the key, making it first where there is none. */
export async function loadHashKey(
  kube: Pick<ObjectReader, 'get'> & Pick<ObjectWriter, 'create'>,
  options: HashKeyOptions,
): Promise<Result<HashKey>> {
  const { namespace, name, signal } = options;
  const doing = `reading Secret ${namespace}/${name}, the operator's hash key`;
  const found = await kube.get<KeySecret>({ type: SECRET, namespace, name }, { signal });
  if (found.ok) return decode(found.value, doing);
  if (!isNotFound(found.error)) return fail(kubernetesFailure(found.error, doing));
  const made = await kube.create<KeySecret>(SECRET, freshKey(namespace, name), { signal });
  if (made.ok) return decode(made.value, doing);
  // AlreadyExists: another replica was faster; the caller tries again and reads that one's key.
  return fail(kubernetesFailure(made.error, `creating Secret ${namespace}/${name}, the operator's hash key`));
}

const freshKey = (namespace: string, name: string): KeySecret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': MANAGER } },
  type: 'Opaque',
  immutable: true,
  data: { [FIELD]: randomBytes(BYTES).toString('base64') },
});

function decode(secret: KeySecret, doing: string): Result<HashKey> {
  const bytes = Buffer.from(secret.data?.[FIELD] ?? '', 'base64');
  if (bytes.length >= BYTES) return ok(hashKey(bytes));
  return fail(
    unavailable(
      'KubernetesRejected',
      `${doing}: it holds no key of ${BYTES} bytes; delete it and a new one is made`,
    ),
  );
}
