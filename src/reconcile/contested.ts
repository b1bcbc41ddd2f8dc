import { MANAGER } from '../api/names.ts';
import { formatDuration } from '../domain/durations.ts';
import { blocked, type Failure } from '../domain/failure.ts';
import { LONGEST_PAUSE_MS, lastWriter, leftUntil, PEACE, putBack } from '../domain/targets/contest.ts';
import type { TargetObject } from '../domain/targets/targets.ts';
import type { PlannedPass } from './pass.ts';
import type { Applied } from './steps/applied.ts';
import { recorded } from './steps/inspect.ts';

/** Notes that a target was put back, if the write undid what someone else had done to it. */
export function notePutBack(
  pass: PlannedPass,
  existing: TargetObject | undefined,
  { status: { kind, name }, action }: Applied,
): void {
  const record = recorded(pass, kind, name);
  const isStrange =
    record?.uid !== undefined && record.resourceVersion !== existing?.metadata.resourceVersion;
  if (!isStrange || action === 'unchanged') return;
  const rival = lastWriter(existing?.metadata.managedFields, (manager) => manager.startsWith(MANAGER));
  const { memory, now } = pass;
  memory.contest = { ...putBack(memory.contest ?? PEACE, now, rival), kind, name };
}

/**
 * Why a target that someone else has changed is left as it is for now. An edit of the binding, or a refresh that was
 * asked for, is followed at once: it may be the remedy.
 */
export function truce(pass: PlannedPass, strange: boolean): Failure | undefined {
  const { contest } = pass.memory;
  if (!strange || contest === undefined || pass.refreshRequested || isEdited(pass)) return undefined;
  const until = leftUntil(contest);
  if (pass.now >= until) return undefined;
  const { kind, name, rival } = contest;
  const by = rival === undefined ? '' : ` (last by ${rival})`;
  return blocked(
    'TargetContested',
    `${kind} ${pass.namespace}/${name} is changed again and again by someone else${by}; it is put back less and less often, in the end every ${formatDuration(LONGEST_PAUSE_MS)}: let only one of the two write it, or choose another name in spec.target`,
    until - pass.now,
  );
}

function isEdited({ previous, binding }: PlannedPass): boolean {
  const applied = previous.conditions?.find(({ type }) => type === 'TargetsApplied');
  return applied?.observedGeneration !== binding.metadata.generation;
}
