import type { TargetStatus } from '../../api/schema.ts';
import { policyRecord } from '../../domain/targets/deletion-policy.ts';
import type { DesiredTarget } from '../../domain/targets/desired-target.ts';
import type { TargetObject } from '../../domain/targets/targets.ts';
import type { Dependencies } from '../dependencies.ts';
import { sightingOf } from './inspect.ts';

/** A target after its write, or as it was found right. */
export interface Applied {
  readonly status: TargetStatus;
  readonly object: TargetObject;
  readonly action: 'created' | 'updated' | 'repaired' | 'unchanged';
  readonly contentChanged: boolean;
}

export function counted(result: Applied, { metrics }: Pick<Dependencies, 'metrics'>): Applied {
  metrics.increment('target_writes_total', { kind: result.status.kind, action: result.action });
  return result;
}

export function applied(
  { kind, name, holds, terms }: DesiredTarget,
  object: TargetObject,
  action: Applied['action'],
  contentChanged: boolean,
): Applied {
  const { uid, resourceVersion } = sightingOf(object);
  const keys = Object.keys(object.data ?? {}).length;
  const named = {
    kind,
    name,
    ...(holds === undefined ? {} : { holds }),
    ...policyRecord(terms.deletionPolicy),
  };
  return { status: { ...named, uid, resourceVersion, keys }, object, action, contentChanged };
}
