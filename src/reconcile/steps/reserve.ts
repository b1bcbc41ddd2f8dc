import type { AppConfigBinding, TargetStatus } from '../../api/schema.ts';
import { ok, type Result } from '../../domain/failure.ts';
import type { DesiredTarget } from '../../domain/targets/desired-target.ts';
import type { Dependencies } from '../dependencies.ts';
import { BINDING } from '../kinds.ts';
import { fromKubernetes } from '../kubernetes-failures.ts';
import { withoutManagedFields } from '../newest.ts';
import type { PlannedPass } from '../pass.ts';
import { recorded } from './inspect.ts';

/**
 * Writes the names of targets into the status before they are created for the first time: should the operator
 * crash right after the create and the spec be renamed meanwhile, the object is still known.
 *
 * The pass that is returned stands on the status just written.
 */
export async function reserveTargets(
  pass: PlannedPass,
  targets: readonly DesiredTarget[],
  { kube }: Pick<Dependencies, 'kube'>,
): Promise<Result<PlannedPass>> {
  const fresh = targets.filter(({ kind, name }) => recorded(pass, kind, name) === undefined);
  if (fresh.length === 0) return ok(pass);
  const names: readonly TargetStatus[] = fresh.map(({ kind, name, holds }) => ({
    kind,
    name,
    ...(holds === undefined ? {} : { holds }),
  }));
  const { uid, name, namespace } = pass;
  const { resourceVersion } = pass.binding.metadata;
  const patch = {
    metadata: { uid, resourceVersion },
    status: { targets: [...(pass.previous.targets ?? []), ...names] },
  };
  const patched = await kube.mergePatch<AppConfigBinding>({ type: BINDING, namespace, name }, patch, {
    subresource: 'status',
    signal: pass.signal,
  });
  const result = fromKubernetes(patched, `writing the status of AppConfigBinding ${pass.key}`);
  if (!result.ok) return result;
  const binding = withoutManagedFields(result.value);
  pass.memory.written = binding;
  return ok({ ...pass, binding, previous: binding.status ?? {} });
}
