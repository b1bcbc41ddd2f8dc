import { fail, ok, type Result } from '../../domain/failure.ts';
import type { KubernetesObject } from '../../ports/kubernetes.ts';
import type { Dependencies } from '../dependencies.ts';
import { SERVICE_ACCOUNT } from '../kinds.ts';
import { isNotFound, kubernetesFailure } from '../kubernetes-failures.ts';
import type { PlannedPass } from '../pass.ts';

/**
 * The ServiceAccount `name` of the binding's own namespace; undefined: there is none. The watch of bindings may be
 * ahead of that of ServiceAccounts, where both are applied together: one that is not known yet is asked for.
 */
export async function findServiceAccount(
  name: string,
  { namespace, signal }: Pick<PlannedPass, 'namespace' | 'signal'>,
  { serviceAccounts, kube }: Pick<Dependencies, 'serviceAccounts' | 'kube'>,
): Promise<Result<KubernetesObject | undefined>> {
  const known = serviceAccounts.get(`${namespace}/${name}`);
  if (known !== undefined) return ok(known);
  const found = await kube.get({ type: SERVICE_ACCOUNT, namespace, name }, { metadataOnly: true, signal });
  if (found.ok) return ok(found.value);
  if (isNotFound(found.error)) return ok(undefined);
  return fail(kubernetesFailure(found.error, `reading ServiceAccount ${namespace}/${name}`));
}
