import { ANNOTATION_CHANGED_AT, ANNOTATION_RESTART } from '../../api/names.ts';
import type { RestartRecord, RolloutStatus } from '../../api/schema.ts';
import {
  decideRestart,
  isUnrecorded,
  type RestartDecision,
  type RestartFacts,
  sameRecord,
} from '../../domain/rollouts/decision.ts';
import { namesBefore, namesNow } from '../../domain/rollouts/left.ts';
import { lastRestart, lastSpecChange } from '../../domain/rollouts/managedfields.ts';
import { contentHash, markerOf, type TargetData } from '../../domain/rollouts/marker.ts';
import { usageUnder } from '../../domain/rollouts/policy.ts';
import { progressOf } from '../../domain/rollouts/progress.ts';
import { type TargetName, type Usage, usageHash } from '../../domain/rollouts/usage.ts';
import type { Workload } from '../../domain/rollouts/workload.ts';
import { CLOCK_SKEW_MS } from '../../domain/targets/target-metadata.ts';
import type { TargetObject } from '../../domain/targets/targets.ts';
import { rfc3339 } from '../../domain/times.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import type { ListedWorkload } from '../workload-lists.ts';
import { certificateNames } from './inspect.ts';

/** The targets as they stand on the server, and those that the binding has just left as they last were. */
export type LiveTargets = readonly LiveTarget[];

export interface LiveTarget extends TargetObject {
  readonly kind: TargetName['kind'];
  /** What the binding kept it for, of one that it has just left. */
  readonly leftRole?: string;
}

/** A workload that uses a target, or did, and what is to be done about it. */
export interface Judged {
  /** `Kind/name`. */
  readonly id: string;
  readonly workload: ListedWorkload;
  readonly usage: Usage;
  readonly record: RestartRecord | undefined;
  /** What is to be recorded once the pods have the content. */
  readonly wanted: RestartRecord;
  readonly decision: RestartDecision;
  /** As it stands before anything is done. */
  readonly rollout: RolloutStatus;
  /** When the operator last restarted it, for whichever binding; milliseconds since the epoch. */
  readonly restartedAt: number | undefined;
}

export const isDue = ({ decision }: Judged): boolean => decision.action === 'restart';

export const idOf = ({ kind, metadata }: Workload): string => `${kind}/${metadata.name}`;

export const certificateRole = (name: string): string => `certificate ${name}`;

/** What pods may read of this binding. */
export const targetNames = (pass: PlannedPass): readonly TargetName[] => [
  ...targetsOfSpec(pass),
  ...certificateNames(pass).map((name) => ({ kind: 'Secret' as const, name, role: certificateRole(name) })),
];

const targetsOfSpec = ({ plan }: PlannedPass): readonly TargetName[] => [
  ...(plan.configMap === undefined
    ? []
    : [{ kind: 'ConfigMap' as const, name: plan.configMap.name, role: 'configMap' }]),
  ...(plan.secret === undefined ? [] : [{ kind: 'Secret' as const, name: plan.secret.name, role: 'secret' }]),
];

/** It uses a target, or did. */
export const concerns = (pass: PlannedPass, workload: Workload): boolean =>
  usageIn(pass, workload, targetNames(pass)).kind !== 'none' || recordOf(pass, workload) !== undefined;

const usageIn = ({ plan }: PlannedPass, workload: Workload, names: readonly TargetName[]): Usage =>
  usageUnder(plan.rollout.policy, workload, names);

const recordOf = ({ previous }: PlannedPass, workload: Workload): RestartRecord | undefined =>
  previous.restarts?.[idOf(workload)];

export function judge(
  pass: PlannedPass,
  workload: ListedWorkload,
  targets: LiveTargets,
  deps: Dependencies,
): Judged {
  const id = idOf(workload);
  const ofSpec = targetNames(pass);
  const left = leftIn(targets);
  const names = namesNow(ofSpec, left);
  const usage = usageIn(pass, workload, names);
  const record = recordOf(pass, workload);
  const recordUnder: RecordUnder = (other) =>
    wantedRecord(other, usageIn(pass, workload, other), targets, deps);
  const wanted = wantedRecord(names, usage, targets, deps);
  const facts = factsOf(names, workload, usage, targets);
  const marker = markerOf(workload, pass.name);
  const { settings, clock } = deps;
  const decision = decideRestart({
    usage,
    wanted,
    facts,
    leftOnly: record !== undefined && hadTheSame(record, ofSpec, left, recordUnder),
    // Hashed only where it matters: all workloads are judged with each look.
    recordedChanged:
      record !== undefined && record.usageHash !== wanted.usageHash && hasChanged(record, names, recordUnder),
    optedOut: workload.metadata.annotations?.[ANNOTATION_RESTART] === 'false',
    restarts: settings.rolloutsEnabled && pass.plan.rollout.policy.kind !== 'never' ? 'on' : 'off',
    ...(record === undefined ? {} : { record }),
    ...(marker === undefined ? {} : { marker }),
  });
  const before = pass.previous.rollouts?.find(({ kind, name }) => `${kind}/${name}` === id);
  const now = clock.now();
  const byServer = believable(lastRestart(workload.metadata.managedFields), now);
  // The pass that restarted it could not tell of it, or another binding restarted it for this one, too.
  const untold = marker !== undefined && isUnrecorded(marker, record);
  const told = untold ? rfc3339(Math.min(byServer ?? now, now)) : before?.restartedAt;
  const byStatus = told === undefined ? undefined : believable(Date.parse(told), now);
  const times = [byServer, byStatus].filter((time) => time !== undefined);
  return {
    id,
    workload,
    usage,
    record,
    wanted,
    decision,
    rollout: progressOf(workload, before, told, now),
    restartedAt: times.length === 0 ? undefined : Math.max(...times),
  };
}

/** A time that lies ahead is of a clock that is wrong: nothing waits for it. */
const believable = (time: number | undefined, now: number): number | undefined =>
  time === undefined || Number.isNaN(time) || time > now + CLOCK_SKEW_MS ? undefined : time;

/** What is recorded together with the marker that the template has now, so that a later one is known as news. */
export function withMarker(
  record: RestartRecord,
  workload: Workload,
  { name }: Pick<PlannedPass, 'name'>,
): RestartRecord {
  const marker = markerOf(workload, name);
  return marker?.ours ? { ...record, marker: marker.text } : record;
}

const leftIn = (targets: LiveTargets): readonly TargetName[] =>
  targets.flatMap(({ kind, metadata: { name }, leftRole }) =>
    leftRole === undefined ? [] : [{ kind, name, role: leftRole }],
  );

/** What would be recorded of the workload if these were the targets. */
type RecordUnder = (names: readonly TargetName[]) => RestartRecord;

/** Whether all that the workload reads, with what has just been left as it last was, is what is recorded. */
const hadTheSame = (
  record: RestartRecord,
  ofSpec: readonly TargetName[],
  left: readonly TargetName[],
  recordUnder: RecordUnder,
): boolean => left.length > 0 && sameRecord(record, recordUnder(namesBefore(ofSpec, left)));

/** Whether the workload would read what is recorded, but for one target more, and that content is another today. */
const hasChanged = (
  { keyId, usageHash, contentHash }: RestartRecord,
  names: readonly TargetName[],
  recordUnder: RecordUnder,
): boolean =>
  names.some((taken) => {
    const today = recordUnder(names.filter((name) => name !== taken));
    return today.keyId === keyId && today.usageHash === usageHash && today.contentHash !== contentHash;
  });

/** The objects behind the roles. */
function objectsFor(
  names: readonly TargetName[],
  targets: LiveTargets,
): readonly { readonly role: string; readonly object: TargetObject }[] {
  return names.flatMap(({ kind, name, role }) => {
    const object = targets.find((target) => target.kind === kind && target.metadata.name === name);
    return object === undefined ? [] : [{ role, object }];
  });
}

function wantedRecord(
  names: readonly TargetName[],
  usage: Usage,
  targets: LiveTargets,
  { hashKey }: Dependencies,
): RestartRecord {
  const data: TargetData = new Map(
    objectsFor(names, targets).map(({ role, object }) => [role, object.data ?? {}]),
  );
  return { keyId: hashKey.id, usageHash: usageHash(usage), contentHash: contentHash(hashKey, usage, data) };
}

/** Of the targets that the workload uses, the one that changed last speaks. */
function factsOf(
  names: readonly TargetName[],
  workload: Workload,
  usage: Usage,
  targets: LiveTargets,
): RestartFacts {
  const used = new Set(usage.kind === 'keys' ? usage.uses.map(({ role }) => role) : []);
  const times = objectsFor(names, targets)
    .filter(({ role }) => used.has(role))
    .map(({ object }) => ({ created: createdAt(object), changed: changedAt(object) }));
  const last = times.sort((a, b) => b.changed - a.changed)[0] ?? { created: 0, changed: 0 };
  const { managedFields } = workload.metadata;
  const lastSpecChangeAt = lastSpecChange(managedFields);
  const lastRestartAt = lastRestart(managedFields);
  return {
    targetChangedAt: last.changed,
    targetCreatedAt: last.created,
    ...(lastSpecChangeAt === undefined ? {} : { lastSpecChangeAt }),
    ...(lastRestartAt === undefined ? {} : { lastRestartAt }),
  };
}

const createdAt = ({ metadata }: TargetObject): number => Date.parse(metadata.creationTimestamp ?? '') || 0;

/** When the content of a target last changed, milliseconds since the epoch. */
export const changedAt = (target: TargetObject): number =>
  Date.parse(target.metadata.annotations?.[ANNOTATION_CHANGED_AT] ?? '') || createdAt(target);
