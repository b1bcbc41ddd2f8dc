import type { AppConfigBinding, TargetStatus } from '../../api/schema.ts';
import { cancelled, conflict, fail, ok, type Result } from '../../domain/failure.ts';
import type { KubernetesObject } from '../../ports/kubernetes.ts';
import type { Dependencies } from '../dependencies.ts';
import { BINDING } from '../kinds.ts';
import { fromKubernetes, isNotFound } from '../kubernetes-failures.ts';
import { withoutManagedFields } from '../newest.ts';
import type { Pass, PlannedPass } from '../pass.ts';
import type { Existing } from './existing.ts';
import { certificateNames, recorded } from './inspect.ts';

/**
 * Is the binding that this pass is about the one that stands on the server? Asked before anything is written, if a
 * target is not as the binding's status tells: someone edited it, or another leader followed a newer spec while our
 * watch hung or the API server behind it lagged. Nothing old is written over what is newer, and no target comes back
 * that was given up.
 *
 * A newer binding is remembered, and the pass is run again with it: the answer is `conflict`. One that is gone, going
 * or another by now ends the pass; the watch tells the rest. Reads by name are answered with what was written last,
 * by any API server.
 */
export async function confirmBinding(
  pass: PlannedPass,
  existing: Existing,
  deps: Pick<Dependencies, 'kube'>,
): Promise<Result<undefined>> {
  return isDoubtful(pass, existing) ? sameOnServer(pass, deps) : ok(undefined);
}

/** Asks the server, whatever the targets are like. */
export async function sameOnServer(
  pass: Pass,
  { kube }: Pick<Dependencies, 'kube'>,
): Promise<Result<undefined>> {
  const { memory, name, namespace, signal, uid } = pass;
  const read = await kube.get<AppConfigBinding & KubernetesObject>(
    { type: BINDING, namespace, name },
    { signal },
  );
  if (!read.ok && isNotFound(read.error)) return fail(cancelled);
  const found = fromKubernetes(read, `reading AppConfigBinding ${pass.key}`);
  if (!found.ok) return found;
  const { deletionTimestamp, resourceVersion, uid: foundUid } = found.value.metadata;
  if (foundUid !== uid || deletionTimestamp !== undefined) return fail(cancelled);
  if (resourceVersion === pass.binding.metadata.resourceVersion) return ok(undefined);
  memory.written = withoutManagedFields(found.value);
  return fail(conflict('Conflict', `AppConfigBinding ${pass.key} was changed meanwhile`));
}

/** A target without a record is no doubt: its reservation in the status stands on the version it was planned from. */
function isDoubtful(pass: PlannedPass, { configMap, secret, certificates }: Existing): boolean {
  const differs = (
    kind: TargetStatus['kind'],
    wanted: { readonly name: string } | undefined,
    target: KubernetesObject | undefined,
  ): boolean => {
    const record = wanted && recorded(pass, kind, wanted.name);
    return record !== undefined && !isAsRecorded(record, target);
  };
  return (
    differs('ConfigMap', pass.plan.configMap, configMap) ||
    differs('Secret', pass.plan.secret, secret) ||
    certificateNames(pass).some((name) => differs('Secret', { name }, certificates.get(name)))
  );
}

/** A name that was reserved by an earlier pass and never reported: that pass, or our copy, ended half-way. */
const isAsRecorded = (record: TargetStatus, target: KubernetesObject | undefined): boolean =>
  record.uid !== undefined && record.resourceVersion === target?.metadata.resourceVersion;
