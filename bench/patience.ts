/** Waiting with progress. */
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../dev/cluster/wait.ts';
import type { TargetKind } from './measure/targets.ts';
import type { Progress } from './progress.ts';
import type { Stage } from './stage/stage.ts';

export interface Awaited {
  readonly kind: TargetKind;
  readonly value: string;
  /** How many; default: one per binding. */
  readonly count?: number;
  /** Which, by `namespace/name`; default: all. */
  readonly accepts?: (key: string) => boolean;
  readonly deadlineMs: number;
}

/** Waits until so many targets hold the value; resolves to the times at which they came to. */
export async function untilTargets(
  { targets, population }: Stage,
  progress: Progress,
  { kind, value, count = population.bindings, accepts, deadlineMs }: Awaited,
): Promise<number[]> {
  const ask = () => {
    if (targets.failure !== undefined) return true;
    const right = targets.count(kind, value, accepts);
    progress.tick(() => `${right} of ${count} ${kind} right`);
    return right >= count;
  };
  await until(ask, { what: `${count} ${kind} to be right`, deadlineMs, everyMs: 20 });
  if (targets.failure !== undefined) throw targets.failure;
  return targets.arrivals(kind, value, accepts);
}

/** Waits for a time, in milliseconds, and tells how much is left. */
export async function pass(ms: number, progress: Progress): Promise<void> {
  const end = Date.now() + ms;
  for (let left = ms; left > 0; left = end - Date.now()) {
    progress.tick(() => `${Math.ceil(left / 1000)} s left`);
    await delay(Math.min(left, 1_000));
  }
}
