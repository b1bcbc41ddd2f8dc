import type { AppConfigBinding, TargetStatus } from '../../api/schema.ts';
import { ok, type Result } from '../../domain/failure.ts';
import type { Dependencies } from '../dependencies.ts';
import { BINDING } from '../kinds.ts';
import { fromKubernetes } from '../kubernetes-failures.ts';
import { withoutManagedFields } from '../newest.ts';
import type { Pass } from '../pass.ts';

/**
 * Writes what is known of targets into the status in the middle of a pass, so that it outlives a crash of the rest.
 *
 * The pass that is returned stands on the status just written.
 */
export async function recordTargets<P extends Pass>(
  pass: P,
  targets: readonly TargetStatus[],
  { kube }: Pick<Dependencies, 'kube'>,
): Promise<Result<P>> {
  const { uid, name, namespace, signal, memory } = pass;
  const { resourceVersion } = pass.binding.metadata;
  const patch = { metadata: { uid, resourceVersion }, status: { targets } };
  const ref = { type: BINDING, namespace, name };
  const patched = await kube.mergePatch<AppConfigBinding>(ref, patch, { subresource: 'status', signal });
  const result = fromKubernetes(patched, `writing the status of AppConfigBinding ${pass.key}`);
  if (!result.ok) return result;
  const binding = withoutManagedFields(result.value);
  memory.written = binding;
  return ok({ ...pass, binding, previous: binding.status ?? {} });
}
