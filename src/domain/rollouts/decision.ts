/**
 * Whether the pods of one workload must be restarted for the current content.
 *
 * Guarantees: level-triggered. Deciding again after the decision was carried out, or after a crash in the
 * middle of it, never restarts a second time.
 * Assumptions: the caller patches first and records afterwards, with the marker that the template then has: a marker
 * of ours that no record knows tells of a restart whose record was lost.
 * Failure: where it cannot be known that pods are up to date, they are restarted once, except when the
 * operator's key is gone: then nothing can be compared and everything would restart, so it is only recorded. What had
 * been found to be due before needs no comparison.
 */
import { CLOCK_SKEW_MS } from '../targets/target-metadata.ts';
import type { Marker, TemplateMarker } from './marker.ts';
import type { Usage } from './usage.ts';

/** What `status.restarts` of the binding holds for one workload. */
export interface RestartRecord extends Marker {
  readonly usageHash: string;
  /** Text of our marker on the pod template when this was recorded; absent where there was none. */
  readonly marker?: string;
  /** Its failed rollout holds back no others: that was asked for. */
  readonly passedOver?: boolean;
  /** A restart waits. It is due whatever becomes of the key. */
  readonly owed?: boolean;
}

/** Times that speak about a workload of which nothing was recorded; milliseconds since the epoch. */
export interface RestartFacts {
  /** See `lastSpecChange`. */
  readonly lastSpecChangeAt?: number;
  /** See `lastRestart`. */
  readonly lastRestartAt?: number;
  /** The last change of the content of any target that the workload uses. */
  readonly targetChangedAt: number;
  /** Creation of that target. */
  readonly targetCreatedAt: number;
}

export interface RestartInput {
  readonly usage: Usage;
  readonly record?: RestartRecord;
  readonly marker?: TemplateMarker;
  /** What should be recorded, under the operator's current key. */
  readonly wanted: RestartRecord;
  readonly facts: RestartFacts;
  /**
   * With the targets that the binding has just left, the workload would have exactly what is recorded: a restart would
   * change nothing but that it might not find them.
   */
  readonly leftOnly?: boolean;
  /** Without a target that the binding has just taken, the workload would read what is recorded, and that has changed. */
  readonly recordedChanged?: boolean;
  /** The workload carries `appconfig.dev/restart: "false"`. */
  readonly optedOut: boolean;
  /** Off: by the policy of the binding, or for the whole operator. */
  readonly restarts: 'on' | 'off';
}

/** `restart`: patch the workload, then record. `record`: write `wanted` down, nothing else. */
export type RestartDecision =
  | { readonly action: 'restart'; readonly reason: 'content-changed' | 'unseen-and-older' }
  | {
      readonly action: 'record';
      readonly reason:
        | 'already-restarted'
        | 'usage-changed'
        | 'key-unknown'
        | 'pods-newer-than-content'
        | 'unchanged-since-creation'
        | 'no-longer-used';
    }
  | {
      readonly action: 'none';
      readonly reason: 'up-to-date' | 'not-used' | 'updates-live' | 'opted-out' | 'restarts-off';
    };

export function decideRestart(input: RestartInput): RestartDecision {
  if (input.usage.kind !== 'keys') return unused(input, input.usage.kind);
  if (input.restarts === 'off') return none('restarts-off');
  if (input.optedOut) return none('opted-out');
  return compare(input);
}

/** A record that outlived the usage would restart the workload when it uses the targets again. */
function unused({ record, wanted }: RestartInput, kind: 'none' | 'live'): RestartDecision {
  if (record !== undefined && !sameRecord(record, wanted)) return toRecord('no-longer-used');
  return none(kind === 'live' ? 'updates-live' : 'not-used');
}

function compare(input: RestartInput): RestartDecision {
  const { record, wanted } = input;
  // Patched, but the record was not written: the crash between the two.
  const unrecorded = unrecordedRestart(input);
  const restartedFor = unrecorded === undefined ? undefined : matches(input, unrecorded);
  if (record !== undefined && sameRecord(record, wanted)) {
    // Content went away and came back meanwhile: the pods run with what it was in between.
    if (restartedFor === 'different') return restart('content-changed');
    if (restartedFor !== 'same') return none('up-to-date');
  }
  if (restartedFor === 'same') return toRecord('already-restarted');
  if (record === undefined) return firstSeen(input);
  // What was owed may be what a restart under the old key was for.
  const owed = record.owed === true && unrecorded === undefined;
  if (matches(input, record) === 'unknown' && !owed) return toRecord('key-unknown');
  if (input.leftOnly === true && unrecorded === undefined) return toRecord('usage-changed');
  if (record.usageHash !== wanted.usageHash) return usageChanged(input);
  return restart('content-changed');
}

/** A marker of ours that was not yet there when the record was written. */
export const isUnrecorded = (marker: TemplateMarker, record: RestartRecord | undefined): boolean =>
  marker.ours && marker.text !== record?.marker;

const unrecordedRestart = ({ marker, record }: RestartInput): TemplateMarker | undefined =>
  marker !== undefined && isUnrecorded(marker, record) ? marker : undefined;

function firstSeen(input: RestartInput): RestartDecision {
  const { marker } = input;
  const { lastSpecChangeAt, targetChangedAt, targetCreatedAt } = input.facts;
  const startedWith = marker && matches(input, marker);
  if (startedWith === 'unknown') return toRecord('key-unknown');
  if (lastSpecChangeAt !== undefined && !mayBeOlder(lastSpecChangeAt, targetChangedAt)) {
    return toRecord('pods-newer-than-content');
  }
  // Restarted for other content: binding and targets were made anew since, so that the targets' age tells nothing.
  if (marker?.ours && startedWith === 'different') return restart('unseen-and-older');
  if (targetChangedAt <= targetCreatedAt + CLOCK_SKEW_MS) return toRecord('unchanged-since-creation');
  return restart('unseen-and-older');
}

/**
 * The user edited the template, so the pods rolled by themselves; but if content changed after that edit, they
 * may have missed it. Workloads are not watched: both may be seen at once.
 */
function usageChanged({ facts, record, recordedChanged }: RestartInput): RestartDecision {
  const { lastSpecChangeAt, lastRestartAt, targetChangedAt } = facts;
  // Restarts follow the write of content: started by one, pods have read all of it, also what did not count then.
  // Times are whole seconds, in which content may change once more after the restart.
  const restartedSince = lastRestartAt !== undefined && lastRestartAt >= targetChangedAt;
  if (restartedSince && record?.owed !== true && recordedChanged !== true) return toRecord('usage-changed');
  const missed = lastSpecChangeAt !== undefined && mayBeOlder(lastSpecChangeAt, targetChangedAt);
  return missed ? restart('content-changed') : toRecord('usage-changed');
}

/** The API server's clock stamps edits of templates, the operator's clock stamps changes of content. */
const mayBeOlder = (specChangeAt: number, targetChangedAt: number): boolean =>
  specChangeAt <= targetChangedAt + CLOCK_SKEW_MS;

function matches(input: RestartInput, seen: Marker): 'same' | 'different' | 'unknown' {
  if (input.wanted.keyId !== seen.keyId) return 'unknown';
  return input.wanted.contentHash === seen.contentHash ? 'same' : 'different';
}

/** Equals no content. */
const OWED = '0'.repeat(16);

/**
 * What stands on record while a restart waits. A record of the same usage tells by itself that it is due; without one
 * that is a conclusion from times, which the next edit of the workload would spoil.
 *
 * @param wanted with the marker of the template as it is
 */
export const owedRecord = (record: RestartRecord | undefined, wanted: RestartRecord): RestartRecord =>
  record?.usageHash === wanted.usageHash && record.keyId === wanted.keyId
    ? { ...record, owed: true }
    : { ...wanted, contentHash: OWED, owed: true };

/** What stands on record once content is back where it was before the restart that waited for its turn. */
export function settledRecord({ owed: _, ...record }: RestartRecord): RestartRecord {
  return record;
}

/** Of the same content, read in the same way. */
export const sameRecord = (a: RestartRecord, b: RestartRecord): boolean =>
  a.keyId === b.keyId && a.usageHash === b.usageHash && a.contentHash === b.contentHash;

const none = (reason: Extract<RestartDecision, { action: 'none' }>['reason']): RestartDecision => ({
  action: 'none',
  reason,
});
const toRecord = (reason: Extract<RestartDecision, { action: 'record' }>['reason']): RestartDecision => ({
  action: 'record',
  reason,
});
const restart = (reason: Extract<RestartDecision, { action: 'restart' }>['reason']): RestartDecision => ({
  action: 'restart',
  reason,
});
