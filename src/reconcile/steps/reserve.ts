import type { TargetStatus } from '../../api/schema.ts';
import { ok, type Result } from '../../domain/failure.ts';
import type { DesiredTarget } from '../../domain/targets/desired-target.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import { recorded } from './inspect.ts';
import { recordTargets } from './record-targets.ts';

/**
 * Writes the names of targets into the status before they are created for the first time: should the operator
 * crash right after the create and the spec be renamed meanwhile, the object is still known.
 *
 * The pass that is returned stands on the status just written.
 */
export async function reserveTargets(
  pass: PlannedPass,
  targets: readonly DesiredTarget[],
  deps: Pick<Dependencies, 'kube'>,
): Promise<Result<PlannedPass>> {
  const fresh = targets.filter(({ kind, name }) => recorded(pass, kind, name) === undefined);
  if (fresh.length === 0) return ok(pass);
  const names: readonly TargetStatus[] = fresh.map(({ kind, name, holds }) => ({
    kind,
    name,
    ...(holds === undefined ? {} : { holds }),
  }));
  return recordTargets(pass, [...(pass.previous.targets ?? []), ...names], deps);
}
