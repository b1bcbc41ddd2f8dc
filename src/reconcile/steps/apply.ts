import { ANNOTATION_INPUT_HASH } from '../../api/names.ts';
import { blocked, conflict, fail, ok, type Result } from '../../domain/failure.ts';
import type { DesiredTarget } from '../../domain/targets/desired-target.ts';
import { decideTarget, type TargetObject } from '../../domain/targets/targets.ts';
import type { Dependencies } from '../dependencies.ts';
import { fromKubernetes, isNotFound } from '../kubernetes-failures.ts';
import type { Pass, PlannedPass } from '../pass.ts';
import { type Applied, applied, counted } from './applied.ts';
import { recorded } from './inspect.ts';
import { mergeTarget } from './merge.ts';
import { isMerging, targetRef } from './read-target.ts';

/**
 * Makes one target equal to what is desired: POST where there is none, PUT of the object just read otherwise.
 *
 * Guarantees: an object that is not ours is never touched; nothing is written when nothing differs; a write
 * over a change by someone else answers `conflict` and is decided again from what is there then.
 *
 * @param holds digest of the data, where `existing` is metadata alone.
 */
export async function applyTarget(
  pass: PlannedPass,
  desired: DesiredTarget,
  existing: TargetObject | undefined,
  deps: Dependencies,
  holds?: string,
): Promise<Result<Applied>> {
  if (isMerging(pass)) return mergeTarget(pass, desired, existing, deps);
  const { kind, name } = desired;
  const { type } = targetRef(pass, kind, name);
  const ownerIsLive = (uid: string) => deps.bindings.list().some(({ metadata }) => metadata.uid === uid);
  const decision = decideTarget(existing, desired, { ownerIsLive, now: pass.now, holds });
  switch (decision.action) {
    case 'refuse':
      return fail(
        blocked('TargetNotOwned', `${kind} ${pass.namespace}/${name} is left alone: ${decision.problem}`),
      );
    case 'unchanged':
      return ok(applied(desired, decision.object, 'unchanged', false));
    case 'create': {
      const made = await deps.kube.create(type, decision.object, { signal: pass.signal });
      if (!made.ok && made.error.kind === 'status' && made.error.reason === 'AlreadyExists') {
        return fail(
          conflict('Conflict', `${kind} ${pass.namespace}/${name} was created by someone else meanwhile`),
        );
      }
      const created = fromKubernetes(made, `creating ${kind} ${pass.namespace}/${name}`);
      return created.ok ? ok(counted(applied(desired, created.value, 'created', true), deps)) : created;
    }
    case 'update': {
      const put = await deps.kube.update(type, decision.object, { signal: pass.signal });
      if (!put.ok && isNotFound(put.error))
        return fail(conflict('Conflict', `${kind} ${pass.namespace}/${name} is gone`));
      const updated = fromKubernetes(put, `updating ${kind} ${pass.namespace}/${name}`);
      if (!updated.ok) return updated;
      const repaired = decision.contentChanged && sameInput(existing, decision.object);
      return ok(
        counted(
          applied(desired, updated.value, repaired ? 'repaired' : 'updated', decision.contentChanged),
          deps,
        ),
      );
    }
  }
}

/** The data differed although it had been rendered from the same input: someone had edited it. */
const sameInput = (existing: TargetObject | undefined, written: TargetObject): boolean =>
  existing !== undefined && inputOf(existing) === inputOf(written);
const inputOf = ({ metadata }: TargetObject): string | undefined =>
  metadata.annotations?.[ANNOTATION_INPUT_HASH];

/** Targets that would be created for the first time: no UID was ever recorded for them. */
export const isFirst = (pass: Pass, { kind, name }: Pick<DesiredTarget, 'kind' | 'name'>): boolean =>
  recorded(pass, kind, name)?.uid === undefined;
