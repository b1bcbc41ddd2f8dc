import type { ConditionType } from '../../api/conditions.ts';
import type { Reason } from '../../api/reasons.ts';
import type { Failure } from '../failure.ts';

/** The parts of a reconcile that have a condition of their own, in the order in which they run. */
export type Phase = Extract<ConditionType, 'SettingsFetched' | 'SecretsResolved' | 'TargetsApplied'>;

/** What is worth a look although everything works. */
export interface Warning {
  readonly reason: Reason;
  readonly message: string;
}

/**
 * How one pass over a binding ended.
 *
 * - `synced`: everything the pass looked at is as it should be.
 * - `failed`: the pass stopped at `phase`; phases before it succeeded, later ones are unknown. `transientInARow`
 *   counts this failure, if it is a transient one, and those directly before it.
 * - `suspended`: nothing was looked at.
 * - `bug`: the pass threw; nothing is known.
 */
export type Verdict =
  | { readonly kind: 'synced' }
  | {
      readonly kind: 'failed';
      readonly phase: Phase;
      readonly failure: Failure;
      readonly transientInARow: number;
      /** The pass went on after the failure: later phases succeeded (one bad reference does not stop the others). */
      readonly wentOn: boolean;
    }
  | { readonly kind: 'suspended' }
  | { readonly kind: 'bug' };

/** From this many transient failures in a row a binding is no longer Ready. */
export const TRANSIENT_LIMIT = 3;

/** What a failure does to a binding: design table "failure union". One exhaustive switch. */
export interface Disposition {
  /** Whether Ready and the phase's condition turn False; otherwise they stay as they were. */
  readonly unready: boolean;
  readonly abnormal?: 'Stalled' | 'Reconciling';
  readonly event: boolean;
}

export function dispositionOf(failure: Failure, transientInARow: number): Disposition {
  switch (failure.kind) {
    case 'invalid-spec':
    case 'blocked':
      return { unready: true, abnormal: 'Stalled', event: true };
    case 'throttled':
    case 'unavailable': {
      const lasting = transientInARow >= TRANSIENT_LIMIT;
      return { unready: lasting, abnormal: 'Reconciling', event: lasting };
    }
    case 'conflict':
    case 'cancelled':
      return { unready: false, event: false };
  }
}
