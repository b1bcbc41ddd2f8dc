import type { TargetStatus } from '../../api/schema.ts';
import type { OwnerReference } from '../../domain/targets/ownership.ts';
import type { TargetObject } from '../../domain/targets/targets.ts';
import type { KubernetesResult } from '../../ports/kubernetes.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Pass } from '../pass.ts';
import { targetRef } from './read-target.ts';

/** Gives a target other owners, by PUT of what was just read, as every write of a target. */
export function putOwners(
  pass: Pass,
  { kind, name }: Pick<TargetStatus, 'kind' | 'name'>,
  found: TargetObject,
  ownerReferences: readonly OwnerReference[],
  { kube }: Pick<Dependencies, 'kube'>,
): Promise<KubernetesResult<TargetObject>> {
  const object: TargetObject = { ...found, metadata: { ...found.metadata, ownerReferences } };
  return kube.update(targetRef(pass, kind, name).type, object, { signal: pass.signal });
}
