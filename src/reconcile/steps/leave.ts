import { mergeManager } from '../../api/names.ts';
import type { TargetStatus } from '../../api/schema.ts';
import { fail, ok, type Result } from '../../domain/failure.ts';
import { isMerged, withdrawal } from '../../domain/merged-target.ts';
import { withoutOwner } from '../../domain/target-metadata.ts';
import { ownedBy, type TargetObject } from '../../domain/targets.ts';
import type { Dependencies } from '../dependencies.ts';
import { fromKubernetes, isNotFound, kubernetesFailure } from '../kubernetes-failures.ts';
import type { PlannedPass } from '../pass.ts';
import { readObject, targetRef } from './read-target.ts';

/**
 * What becomes of the targets of an earlier spec, once everything that this spec names is there.
 *
 * Guarantees: what is not ours any more is not touched. Of an object of others our keys are taken away and nothing
 * else, as long as it permits that. Under Retain a target is let go: it stays as it is, and outlives the binding.
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
  const { signal } = pass;
  const found = await kube.get<TargetObject>(ref, { metadataOnly: true, signal });
  if (!found.ok) {
    if (isNotFound(found.error)) return ok(false);
    return fail(kubernetesFailure(found.error, doing(pass, 'removing', target)));
  }
  const { uid } = found.value.metadata;
  if (uid === undefined) return ok(false);
  if (!ownedBy(found.value, pass.uid)) return withdraw(pass, target, found.value, kube);
  const deleted = await kube.delete(ref, { uid, signal });
  if (!deleted.ok && !isNotFound(deleted.error))
    return fail(kubernetesFailure(deleted.error, doing(pass, 'removing', target)));
  return ok(true);
}

/** Of an object of others only what was merged into it is ours. */
async function withdraw(
  pass: PlannedPass,
  target: Name,
  object: TargetObject,
  kube: Kube['kube'],
): Promise<Result<boolean>> {
  const intent = withdrawal(object, target.kind, pass.name);
  if (intent === undefined) return ok(false);
  const { type } = targetRef(pass, target.kind, target.name);
  const options = { fieldManager: mergeManager(pass.name), signal: pass.signal };
  const applied = fromKubernetes(
    await kube.apply(type, intent, options),
    doing(pass, 'taking keys out of', target),
  );
  return applied.ok ? ok(true) : applied;
}

/** An owner reference from before the policy was Retain would take it along with the binding. */
async function letGo(pass: PlannedPass, target: Name, { kube }: Kube): Promise<Result<boolean>> {
  const found = await readObject(pass, target.kind, target.name, { kube });
  if (!found.ok) return found;
  if (found.value === undefined) return ok(false);
  if (!ownedBy(found.value, pass.uid)) return ok(isMerged(found.value, pass.name));
  const { metadata } = found.value;
  const ownerReferences = withoutOwner(metadata.ownerReferences ?? [], { name: pass.name, uid: pass.uid });
  if (ownerReferences.length === (metadata.ownerReferences ?? []).length) return ok(true);
  const free: TargetObject = { ...found.value, metadata: { ...metadata, ownerReferences } };
  const { type } = targetRef(pass, target.kind, target.name);
  const put = await kube.update(type, free, { signal: pass.signal });
  const written = fromKubernetes(put, doing(pass, 'letting go', target));
  return written.ok ? ok(true) : written;
}
