import type { Reason } from './reasons.ts';

/**
 * Condition types. `Ready` sums up the three below it; `RolloutsComplete` stands apart, so that a GitOps wave
 * that carries the fix of a rollout never waits for that rollout. The last four are abnormal when true.
 */
export const CONDITIONS = [
  'Ready',
  'SettingsFetched',
  'SecretsResolved',
  'TargetsApplied',
  'RolloutsComplete',
  'Reconciling',
  'Stalled',
  'Stale',
  'Warning',
] as const;

export type ConditionType = (typeof CONDITIONS)[number];

/** Conditions that are there only while they are True: something needs a look. */
export const ABNORMAL: ReadonlySet<ConditionType> = new Set(['Reconciling', 'Stalled', 'Stale', 'Warning']);

/** `metav1.Condition`. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
  /** RFC 3339, seconds. Changes only with `status`. */
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
}
