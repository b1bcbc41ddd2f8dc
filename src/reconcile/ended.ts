import type { Reason } from '../api/reasons.ts';
import type { Failure } from '../domain/failure.ts';
import type { Claim } from '../domain/status/conditions.ts';
import type { Facts } from '../domain/status/status.ts';
import type { Phase, Verdict, Warning } from '../domain/status/verdict.ts';
import type { Memory } from './memory.ts';

/** How a pass ended and what it learned on the way: all that the report needs. */
export interface Ended {
  readonly verdict: Verdict;
  readonly facts: Facts;
  /** Absent: nothing was learned about them, they stay. */
  readonly warnings?: readonly Warning[];
  readonly rolloutTrouble?: Claim;
  /** What was done, for events. */
  readonly deeds: readonly Deed[];
}

export interface Deed {
  readonly reason: Reason;
  readonly action: string;
  readonly note: string;
}

/** A pass that stopped at `phase`. Counts transient failures in `memory`. */
export function stopped(memory: Memory, phase: Phase, failure: Failure, facts: Facts): Ended {
  return { verdict: failedVerdict(memory, phase, failure, false), facts, deeds: [] };
}

export function failedVerdict(memory: Memory, phase: Phase, failure: Failure, wentOn: boolean): Verdict {
  const transient = failure.kind === 'throttled' || failure.kind === 'unavailable';
  if (transient) memory.transientInARow += 1;
  return { kind: 'failed', phase, failure, transientInARow: memory.transientInARow, wentOn };
}
