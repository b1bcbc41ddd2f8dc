import { mergeManager } from '../../api/names.ts';
import type { TargetStatus } from '../../api/schema.ts';
import { fail, ok, type Result } from '../../domain/failure.ts';
import { isMerged, withdrawal } from '../../domain/targets/merged-target.ts';
import { ownedBy } from '../../domain/targets/ownership.ts';
import { withoutOwner } from '../../domain/targets/target-metadata.ts';
import type { TargetObject } from '../../domain/targets/targets.ts';
import type { Dependencies } from '../dependencies.ts';
import { fromKubernetes, isNotFound, kubernetesFailure } from '../kubernetes-failures.ts';
import type { PlannedPass } from '../pass.ts';
import { putOwners } from './owner-references.ts';
import { asTarget, readObject, targetRef } from './read-target.ts';

/**
 * What becomes of the targets of an earlier spec, once everything that this spec names is there.
 *
 * Guarantees: what is not ours any more is not touched. Of an object of others our keys are taken away and nothing
 * else, as long as it permits that. Under Retain a target is let go: it stays as it is, and outlives the binding.
 */
export interface Left {
  readonly removed: readonly TargetStatus[];
  readonly retained: readonly TargetStatus[];
  /** All of them as they last were: pods may have read them. */
  readonly objects: readonly LeftObject[];
}

export type LeftObject = TargetObject & Pick<TargetStatus, 'kind' | 'holds'>;

export const NOTHING_LEFT: Left = { removed: [], retained: [], objects: [] };

type Kube = Pick<Dependencies, 'kube'>;
type Name = Pick<TargetStatus, 'kind' | 'name'>;

export async function leaveStale(
  pass: PlannedPass,
  desired: readonly Name[],
  deps: Kube,
): Promise<Result<Left>> {
  const removed: TargetStatus[] = [];
  const retained: TargetStatus[] = [];
  const objects: LeftObject[] = [];
  const retain = pass.plan.terms.deletionPolicy === 'Retain';
  for (const target of pass.previous.targets ?? []) {
    if (desired.some(({ kind, name }) => kind === target.kind && name === target.name)) continue;
    const found = await readObject(pass, target.kind, target.name, deps);
    if (!found.ok) return found;
    if (found.value === undefined) continue;
    const done = await (retain ? letGo : remove)(pass, target, found.value, deps);
    if (!done.ok) return done;
    if (!done.value) continue;
    (retain ? retained : removed).push(target);
    const { kind, holds } = target;
    objects.push({ ...asTarget(pass, found.value), kind, ...(holds === undefined ? {} : { holds }) });
  }
  return ok({ removed, retained, objects });
}

const doing = ({ namespace }: PlannedPass, verb: string, { kind, name }: Name): string =>
  `${verb} ${kind} ${namespace}/${name}, which the spec no longer names`;

/** @returns whether there was something of ours. */
async function remove(
  pass: PlannedPass,
  target: Name,
  found: TargetObject,
  { kube }: Kube,
): Promise<Result<boolean>> {
  const { uid } = found.metadata;
  if (uid === undefined) return ok(false);
  if (!ownedBy(found, pass.uid)) return withdraw(pass, target, found, kube);
  const ref = targetRef(pass, target.kind, target.name);
  const deleted = await kube.delete(ref, { uid, signal: pass.signal });
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
async function letGo(
  pass: PlannedPass,
  target: Name,
  found: TargetObject,
  deps: Kube,
): Promise<Result<boolean>> {
  if (!ownedBy(found, pass.uid)) return ok(isMerged(found, pass.name));
  const { ownerReferences = [] } = found.metadata;
  const others = withoutOwner(ownerReferences, { name: pass.name, uid: pass.uid });
  if (others.length === ownerReferences.length) return ok(true);
  const put = await putOwners(pass, target, found, others, deps);
  const written = fromKubernetes(put, doing(pass, 'letting go', target));
  return written.ok ? ok(true) : written;
}
