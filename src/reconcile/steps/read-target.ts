import type { TargetStatus } from '../../api/schema.ts';
import { ok, type Result } from '../../domain/failure.ts';
import { viewOf } from '../../domain/targets/merged-target.ts';
import type { TargetObject } from '../../domain/targets/targets.ts';
import type { ObjectRef } from '../../ports/kubernetes.ts';
import type { Dependencies } from '../dependencies.ts';
import { CONFIG_MAP, SECRET } from '../kinds.ts';
import { fromKubernetes, isNotFound } from '../kubernetes-failures.ts';
import type { Pass, PlannedPass } from '../pass.ts';

const TYPES = { ConfigMap: CONFIG_MAP, Secret: SECRET } as const;

/** Where a target of `pass` lives. */
export const targetRef = (
  { namespace }: Pick<Pass, 'namespace'>,
  kind: TargetStatus['kind'],
  name: string,
): ObjectRef => ({
  type: TYPES[kind],
  namespace,
  name,
});

/** The whole object, of an object of others the binding's share; undefined when there is none. */
export async function readTarget(
  pass: PlannedPass,
  kind: TargetStatus['kind'],
  name: string,
  deps: Pick<Dependencies, 'kube'>,
): Promise<Result<TargetObject | undefined>> {
  const found = await readObject(pass, kind, name, deps);
  return found.ok && found.value !== undefined ? ok(asTarget(pass, found.value)) : found;
}

/** An object as the steps see it. */
export const asTarget = <T extends Pick<TargetObject, 'metadata' | 'data'>>(
  pass: PlannedPass,
  object: T,
): T => (isMerging(pass) ? viewOf(object, pass.name) : object);

export const isMerging = ({ plan }: PlannedPass): boolean => plan.terms.creationPolicy === 'Merge';

/** As it stands, whoever owns it. */
export async function readObject(
  pass: Pass,
  kind: TargetStatus['kind'],
  name: string,
  { kube }: Pick<Dependencies, 'kube'>,
): Promise<Result<TargetObject | undefined>> {
  const found = await kube.get<TargetObject>(targetRef(pass, kind, name), { signal: pass.signal });
  if (!found.ok && isNotFound(found.error)) return ok(undefined);
  return fromKubernetes(found, `reading ${kind} ${pass.namespace}/${name}`);
}
