/**
 * Whether a restart that is due may happen now, and else what it waits for.
 *
 * Guarantees: a workload is restarted at most once per minimum interval; one that is already rolling out needs no
 * further place; what waits names a time, or the limit that it waits for.
 */
import { formatDuration } from '../durations.ts';
import { firstNames } from '../first-few.ts';
import { rfc3339 } from '../times.ts';

export interface TurnInput {
  /** When the operator last restarted the workload, for whichever binding; milliseconds since the epoch. */
  readonly restartedAt?: number;
  /** Not before: other bindings that the workload uses may see the same change. */
  readonly settlesAt?: number;
  /** Its own rollout is under way: restarting it again takes no further place. */
  readonly moving: boolean;
  readonly limits: Limits;
  /** Rollouts under way of other workloads. */
  readonly underway: Underway;
  /** `Kind name` of those of the binding, for people. */
  readonly holders?: readonly string[];
  /** `Kind name` of a workload that did not become ready with this content. */
  readonly failed?: string;
  /** A reference has no value: pods that start now may not come up. */
  readonly unresolved: boolean;
  readonly now: number;
}

export interface Limits {
  readonly minIntervalMs: number;
  readonly maxConcurrent: number;
  /** 0: no limit. */
  readonly perNamespace: number;
  /** 0: no limit. */
  readonly perCluster: number;
  readonly dryRun: DryRun;
}

/** Who said that nothing is restarted. */
export type DryRun = 'off' | 'binding' | 'operator';

export interface Underway {
  readonly binding: number;
  readonly namespace: number;
  readonly cluster: number;
}

/** `message` is for the status; it changes only when what is waited for changes. */
export type Turn =
  | { readonly kind: 'now' }
  | { readonly kind: 'dry-run'; readonly message: string }
  | { readonly kind: 'halted'; readonly message: string }
  | { readonly kind: 'reference'; readonly message: string }
  | { readonly kind: 'time'; readonly at: number; readonly message: string }
  | {
      readonly kind: 'place';
      readonly of: 'binding' | 'namespace' | 'cluster';
      readonly message: string;
    };

export function turnOf(input: TurnInput): Turn {
  const { failed, limits, unresolved } = input;
  if (limits.dryRun !== 'off') return { kind: 'dry-run', message: DRY_RUN[limits.dryRun] };
  if (failed !== undefined) return { kind: 'halted', message: `held back: ${failed} did not become ready` };
  if (unresolved) return { kind: 'reference', message: 'waits until every reference has a value' };
  return waitsForTime(input) ?? waitsForPlace(input) ?? { kind: 'now' };
}

const DRY_RUN = {
  binding: 'would be restarted, if spec.rollout.dryRun were not true',
  operator: 'would be restarted, if the operator did not run with rollouts-dry-run',
} as const;

function waitsForTime({ restartedAt, settlesAt, limits, now }: TurnInput): Turn | undefined {
  const quietFrom = restartedAt === undefined ? 0 : restartedAt + limits.minIntervalMs;
  if (quietFrom > now) {
    const message = `restart at ${rfc3339(quietFrom)}: content changed again within spec.rollout.minInterval (${formatDuration(limits.minIntervalMs)})`;
    return { kind: 'time', at: quietFrom, message };
  }
  if (settlesAt === undefined || settlesAt <= now) return undefined;
  const message = `restart at ${rfc3339(settlesAt)}, together with other bindings that it uses`;
  return { kind: 'time', at: settlesAt, message };
}

function waitsForPlace({ moving, underway, holders = [], limits }: TurnInput): Turn | undefined {
  if (moving) return undefined;
  const { maxConcurrent, perNamespace, perCluster } = limits;
  if (underway.binding >= maxConcurrent) {
    const named = holders.length === 0 ? '' : ` (now ${firstNames(holders, NAMED)})`;
    return place('binding', `spec.rollout.maxConcurrent is ${maxConcurrent}${named}`);
  }
  if (perNamespace > 0 && underway.namespace >= perNamespace)
    return place('namespace', `the operator allows ${perNamespace} in a namespace (rollouts-per-namespace)`);
  if (perCluster > 0 && underway.cluster >= perCluster)
    return place('cluster', `the operator allows ${perCluster} in all (rollouts-per-cluster)`);
  return undefined;
}

const NAMED = 3;

const place = (of: 'binding' | 'namespace' | 'cluster', why: string): Turn => ({
  kind: 'place',
  of,
  message: `waits until other rollouts are complete: ${why}`,
});
