import { ANNOTATION_INPUT_HASH, mergeManager } from '../../api/names.ts';
import { blocked, conflict, fail, ok, type Result } from '../../domain/failure.ts';
import type { DesiredTarget } from '../../domain/targets/desired-target.ts';
import { decideMerge, describeConflict, viewOf } from '../../domain/targets/merged-target.ts';
import type { TargetObject } from '../../domain/targets/targets.ts';
import type { KubernetesError } from '../../ports/kubernetes.ts';
import type { Dependencies } from '../dependencies.ts';
import { fromKubernetes, isNotFound } from '../kubernetes-failures.ts';
import type { PlannedPass } from '../pass.ts';
import { type Applied, applied, counted } from './applied.ts';
import { targetRef } from './read-target.ts';

/**
 * Merges the keys of the binding into an object of someone else: server-side apply as the binding's own manager,
 * never forced, on the uid and version that was decided on.
 *
 * Failure: `blocked` where the object is missing, does not permit it, or others hold a key with another value.
 */
export async function mergeTarget(
  pass: PlannedPass,
  desired: DesiredTarget,
  existing: TargetObject | undefined,
  deps: Dependencies,
): Promise<Result<Applied>> {
  const { kind, name } = desired;
  const what = `${kind} ${pass.namespace}/${name}`;
  const decision = decideMerge(existing, desired, pass.now);
  switch (decision.action) {
    case 'refuse':
      return fail(blocked(decision.reason, `${what} is left alone: ${decision.problem}`));
    case 'unchanged':
      return ok(applied(desired, decision.object, 'unchanged', false));
    case 'apply': {
      const { type } = targetRef(pass, kind, name);
      const options = { fieldManager: mergeManager(pass.name), signal: pass.signal };
      const answer = await deps.kube.apply<TargetObject>(type, decision.intent, options);
      if (!answer.ok && isNotFound(answer.error)) return fail(conflict('Conflict', `${what} is gone`));
      const contested = answer.ok ? [] : contestedFields(answer.error);
      if (contested.length > 0)
        return fail(blocked('MergeConflict', `${what}: ${describeConflict(existing, contested)}`));
      const merged = fromKubernetes(answer, `merging into ${what}`);
      if (!merged.ok) return merged;
      const view = viewOf(merged.value, pass.name);
      const action = decision.contentChanged && sameInput(existing, desired) ? 'repaired' : 'updated';
      return ok(counted(applied(desired, view, action, decision.contentChanged), deps));
    }
  }
}

/** The keys differed although they had been rendered from the same input: someone had removed some. */
const sameInput = (view: TargetObject | undefined, { inputHash }: DesiredTarget): boolean =>
  view?.metadata.annotations?.[ANNOTATION_INPUT_HASH] === inputHash;

const contestedFields = (error: KubernetesError): readonly string[] =>
  error.kind === 'status'
    ? error.causes.filter(({ reason }) => reason === 'FieldManagerConflict').map(({ field }) => field)
    : [];
