import type { Failure, Result } from '../domain/failure.ts';
import { firstRound } from '../domain/schedule.ts';
import { type Action, done, requeueAfter, retry } from '../runtime/action.ts';
import type { Dependencies } from './dependencies.ts';
import type { Ended } from './ended.ts';
import { restartsWait } from './memory.ts';
import { NAMESPACE_AGE_MS } from './namespaces.ts';
import type { Pass, PlannedPass } from './pass.ts';
import { isOpen, waitsForPerson } from './steps/follow.ts';
import { pollInterval } from './steps/observe.ts';

const CONFLICTS_AT_ONCE = 5;
/** Gives the informer time to show what we collided with. */
const CONFLICT_PAUSE_MS = 100;
const LONGEST_SPREAD_MS = 10_000;
/** However soon a server asks us back: the first repeat, doubled with each further one up to the longest. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const YOUNG_ROLLOUT_MS = 60_000;
const FOLLOW_YOUNG_MS = 2_000;
const FOLLOW_OLD_MS = 15_000;
const FOLLOW_HELD_MS = 60_000;

/** When this binding is looked at again: one exhaustive switch over how its pass ended. */
export function nextAction(
  pass: Pass,
  planned: PlannedPass | undefined,
  { verdict }: Ended,
  reported: Result<undefined>,
  deps: Dependencies,
): Action {
  const { memory } = pass;
  const failure = failureOf(verdict, reported);
  if (failure?.kind === 'throttled' || failure?.kind === 'unavailable') memory.pausesInARow += 1;
  else memory.transientInARow = memory.pausesInARow = 0;
  if (failure?.kind !== 'conflict') memory.conflictsInARow = 0;
  if (failure !== undefined) logFailure(pass, failure);
  // Only references failed: they have a due time of their own, the rest goes on as usual.
  if (reported.ok && verdict.kind === 'failed' && verdict.wentOn && planned)
    return requeueAfter(untilNext(planned, deps));
  switch (failure?.kind) {
    case 'invalid-spec':
    case 'cancelled':
      return done;
    case 'conflict':
      memory.conflictsInARow += 1;
      return memory.conflictsInARow <= CONFLICTS_AT_ONCE ? requeueAfter(CONFLICT_PAUSE_MS) : retry;
    case 'throttled':
      return requeueAfter(spread(failure.retryAfterMs, pass));
    case 'unavailable':
      return failure.retryAfterMs === undefined ? retry : requeueAfter(spread(failure.retryAfterMs, pass));
    case 'blocked': {
      // Without a plan it is the namespace, or a target whose owner may not be changed: perhaps no watch tells of either.
      const interval = planned?.plan.refreshIntervalMs ?? NAMESPACE_AGE_MS;
      return requeueAfter(Math.max(failure.retryAfterMs ?? 0, interval));
    }
    case undefined:
      return verdict.kind === 'suspended' || planned === undefined
        ? done
        : requeueAfter(untilNext(planned, deps));
  }
}

/** Never before the time asked for; bindings of one host come back one after the other. */
function spread(asked: number, { key, memory }: Pass): number {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (memory.pausesInARow - 1), LONGEST_PAUSE_MS);
  const ms = Math.max(asked, pause);
  return ms + firstRound(Math.min(ms, LONGEST_SPREAD_MS), key);
}

/** A status that could not be written is a failure of the pass, unless the pass had a worse one. */
function failureOf(verdict: Ended['verdict'], reported: Result<undefined>): Failure | undefined {
  if (verdict.kind === 'failed' && verdict.failure.kind !== 'conflict') return verdict.failure;
  if (!reported.ok) return reported.failure;
  return verdict.kind === 'failed' ? verdict.failure : undefined;
}

/** The earliest of everything that comes due by itself. */
function untilNext(pass: PlannedPass, { clock }: Dependencies): number {
  const { memory, plan } = pass;
  const now = clock.now();
  const dues = [
    plan.endpoint === undefined ? Infinity : memory.observedAt + pollInterval(pass),
    (memory.credentialsReadAt ?? Infinity) + pollInterval(pass),
    // What this state does not attend to must not make it come back: it would do so at once, for ever.
    restartsWait(memory) ? Infinity : Math.min(memory.workloadsDueAt, memory.restartsDueAt),
    isLookedUp(pass) ? memory.driftDueAt : Infinity,
    plan.secret === undefined ? Infinity : (memory.secretsDueAt ?? Infinity),
    memory.trouble.kind === 'failed' ? memory.trouble.dueAt : Infinity,
    ...(rolloutsOpen(pass) ? [now + followIn(pass, now)] : []),
  ];
  return Math.max(Math.min(...dues) - now, 0);
}

/** Something is known that no watch tells of. */
const isLookedUp = ({ memory, plan: { configMap, terms } }: PlannedPass): boolean =>
  memory.secrets.size > 0 ||
  (terms.creationPolicy === 'Merge' && configMap !== undefined && memory.configMap?.name === configMap.name);

const rolloutsOpen = ({ memory, previous }: Pass): boolean =>
  ((memory.written?.status ?? previous).rollouts ?? []).some(isOpen);

/** Often while a rollout is young, then rarely: one may hang for hours, and for weeks where it waits for a person. */
function followIn({ memory, previous }: Pass, now: number): number {
  const open = ((memory.written?.status ?? previous).rollouts ?? []).filter(isOpen);
  if (open.every(waitsForPerson)) return FOLLOW_HELD_MS;
  const young = open.some(({ restartedAt = '' }) => now - Date.parse(restartedAt) < YOUNG_ROLLOUT_MS);
  return young ? FOLLOW_YOUNG_MS : FOLLOW_OLD_MS;
}

function logFailure({ logger }: Pass, failure: Failure): void {
  if (failure.kind === 'cancelled') return;
  const { kind, reason, message } = failure;
  const write = kind === 'conflict' ? logger.debug : logger.warn;
  write.call(logger, 'A binding was not reconciled.', { kind, reason, why: message });
}
