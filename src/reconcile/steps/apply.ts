import { ANNOTATION_INPUT_HASH } from '../../api/names.ts';
import type { TargetStatus } from '../../api/schema.ts';
import { blocked, conflict, fail, ok, type Result } from '../../domain/failure.ts';
import { type DesiredTarget, decideTarget, type TargetObject } from '../../domain/targets.ts';
import type { ObjectRef } from '../../ports/kubernetes.ts';
import type { Dependencies } from '../dependencies.ts';
import { CONFIG_MAP, SECRET } from '../kinds.ts';
import { fromKubernetes, isNotFound } from '../kubernetes-failures.ts';
import type { Pass } from '../pass.ts';
import { recorded, sightingOf } from './inspect.ts';

/**
 * Makes one target equal to what is desired: POST where there is none, PUT of the object just read otherwise.
 *
 * Guarantees: an object that is not ours is never touched; nothing is written when nothing differs; a write
 * over a change by someone else answers `conflict` and is decided again from what is there then.
 */
export interface Applied {
  readonly status: TargetStatus;
  readonly object: TargetObject;
  readonly action: 'created' | 'updated' | 'repaired' | 'unchanged';
  readonly contentChanged: boolean;
}

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

/** The whole object, or undefined when there is none. */
export async function readTarget(
  pass: Pass,
  kind: TargetStatus['kind'],
  name: string,
  { kube }: Pick<Dependencies, 'kube'>,
): Promise<Result<TargetObject | undefined>> {
  const found = await kube.get<TargetObject>(targetRef(pass, kind, name), { signal: pass.signal });
  if (!found.ok && isNotFound(found.error)) return ok(undefined);
  return fromKubernetes(found, `reading ${kind} ${pass.namespace}/${name}`);
}

/** @param holds digest of the data, where `existing` is metadata alone. */
export async function applyTarget(
  pass: Pass,
  desired: DesiredTarget,
  existing: TargetObject | undefined,
  deps: Dependencies,
  holds?: string,
): Promise<Result<Applied>> {
  const { kind, name } = desired;
  const type = TYPES[kind];
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

function counted(result: Applied, { metrics }: Pick<Dependencies, 'metrics'>): Applied {
  metrics.increment('target_writes_total', { kind: result.status.kind, action: result.action });
  return result;
}

function applied(
  { kind, name }: DesiredTarget,
  object: TargetObject,
  action: Applied['action'],
  contentChanged: boolean,
): Applied {
  const { uid, resourceVersion } = sightingOf(object);
  const keys = Object.keys(object.data ?? {}).length;
  return { status: { kind, name, uid, resourceVersion, keys }, object, action, contentChanged };
}

/** Targets that would be created for the first time: no UID was ever recorded for them. */
export const isFirst = (pass: Pass, { kind, name }: Pick<DesiredTarget, 'kind' | 'name'>): boolean =>
  recorded(pass, kind, name)?.uid === undefined;
