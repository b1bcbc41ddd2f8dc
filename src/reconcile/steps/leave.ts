import type { TargetStatus } from '../../api/schema.ts';
import { fail, ok, type Result } from '../../domain/failure.ts';
import { withoutOwner } from '../../domain/target-metadata.ts';
import { ownedBy, type TargetObject } from '../../domain/targets.ts';
import type { Dependencies } from '../dependencies.ts';
import { fromKubernetes, isNotFound, kubernetesFailure } from '../kubernetes-failures.ts';
import type { PlannedPass } from '../pass.ts';
import { readTarget, targetRef } from './apply.ts';

/**
 * What becomes of the targets of an earlier spec, once everything that this spec names is there.
 *
 * Guarantees: what is not ours any more is not touched. Under Retain a target is let go: it stays as it is, and
 * outlives the binding.
 */
export interface Left {
  readonly removed: readonly TargetStatus[];
  readonly retained: readonly TargetStatus[];
}

export const NOTHING_LEFT: Left = { removed: [], retained: [] };

type Kube = Pick<Dependencies, 'kube'>;
type Name = Pick<TargetStatus, 'kind' | 'name'>;

export async function leaveStale(
  pass: PlannedPass,
  desired: readonly Name[],
  deps: Kube,
): Promise<Result<Left>> {
  const left = { removed: [] as TargetStatus[], retained: [] as TargetStatus[] };
  const retain = pass.plan.terms.deletionPolicy === 'Retain';
  for (const target of pass.previous.targets ?? []) {
    if (desired.some(({ kind, name }) => kind === target.kind && name === target.name)) continue;
    const done = await (retain ? letGo(pass, target, deps) : remove(pass, target, deps));
    if (!done.ok) return done;
    if (done.value) (retain ? left.retained : left.removed).push(target);
  }
  return ok(left);
}

const doing = ({ namespace }: PlannedPass, verb: string, { kind, name }: Name): string =>
  `${verb} ${kind} ${namespace}/${name}, which the spec no longer names`;

/** @returns whether there was something of ours. */
async function remove(pass: PlannedPass, target: Name, { kube }: Kube): Promise<Result<boolean>> {
  const ref = targetRef(pass, target.kind, target.name);
  const found = await kube.get(ref, { metadataOnly: true, signal: pass.signal });
  if (!found.ok) {
    if (isNotFound(found.error)) return ok(false);
    return fail(kubernetesFailure(found.error, doing(pass, 'removing', target)));
  }
  const { uid } = found.value.metadata;
  if (uid === undefined || !ownedBy(found.value, pass.uid)) return ok(false);
  const deleted = await kube.delete(ref, { uid, signal: pass.signal });
  if (!deleted.ok && !isNotFound(deleted.error))
    return fail(kubernetesFailure(deleted.error, doing(pass, 'removing', target)));
  return ok(true);
}

/** An owner reference from before the policy was Retain would take it along with the binding. */
async function letGo(pass: PlannedPass, target: Name, deps: Kube): Promise<Result<boolean>> {
  const found = await readTarget(pass, target.kind, target.name, deps);
  if (!found.ok) return found;
  if (found.value === undefined || !ownedBy(found.value, pass.uid)) return ok(false);
  const { metadata } = found.value;
  const ownerReferences = withoutOwner(metadata.ownerReferences ?? [], { name: pass.name, uid: pass.uid });
  if (ownerReferences.length === (metadata.ownerReferences ?? []).length) return ok(true);
  const free: TargetObject = { ...found.value, metadata: { ...metadata, ownerReferences } };
  const { type } = targetRef(pass, target.kind, target.name);
  const put = await deps.kube.update(type, free, { signal: pass.signal });
  const written = fromKubernetes(put, doing(pass, 'letting go', target));
  return written.ok ? ok(true) : written;
}
