import type { Condition } from '../api/conditions.ts';
import type { AppConfigBinding } from '../api/schema.ts';
import { needsNoRestart } from './rollouts/job.ts';
import { isUnfinished } from './rollouts/progress.ts';
import { isCounted } from './status/rollouts.ts';

/** The state of all bindings in a few numbers, for metrics. Its labels come from closed lists, never from names. */
export interface Census {
  readonly ready: number;
  readonly unready: number;
  /** Bindings whose Ready is not True, by its reason; those that nobody has looked at yet have none. */
  readonly unreadyByReason: ReadonlyMap<string, number>;
  /** Bindings whose condition is True: abnormal ones that do not make them unready. */
  readonly stale: number;
  readonly warning: number;
  /** Workloads that use a target, by the phase of their rollout. */
  readonly rolloutsByPhase: ReadonlyMap<string, number>;
}

export function censusOf(bindings: readonly AppConfigBinding[]): Census {
  const unready = bindings.filter((binding) => is(binding, 'Ready')?.status !== 'True');
  const count = (type: Condition['type']) =>
    bindings.filter((binding) => is(binding, type)?.status === 'True').length;
  return {
    ready: bindings.length - unready.length,
    unready: unready.length,
    unreadyByReason: tally(unready.flatMap((binding) => is(binding, 'Ready')?.reason ?? [])),
    stale: count('Stale'),
    warning: count('Warning'),
    rolloutsByPhase: tally(bindings.flatMap(phasesOf)),
  };
}

/**
 * The status lists the first rollouts, those that wait behind all others that are not complete, and tells how many are
 * ("2/3"): so those it does not list are complete, or wait like the last that it lists. Those that opted out are
 * counted as far as they are listed. Jobs, which come last, are none.
 */
function phasesOf({ status }: AppConfigBinding): readonly string[] {
  const listed = (status?.rollouts ?? []).filter((one) => !needsNoRestart(one));
  const [complete = 0, all = 0] = (status?.rollout ?? '0/0').split('/').map(Number);
  const counted = listed.filter(isCounted);
  const open = counted.filter(({ phase }) => phase !== 'Complete');
  const waiting = open.filter((rollout) => !isUnfinished(rollout)).at(-1)?.phase ?? 'Pending';
  const fill = (phase: string, count: number) => Array<string>(Math.max(0, count)).fill(phase);
  return [
    ...listed.map(({ phase }) => phase),
    ...fill('Complete', complete - (counted.length - open.length)),
    ...fill(waiting, all - complete - open.length),
  ];
}

const is = ({ status }: AppConfigBinding, wanted: Condition['type']): Condition | undefined =>
  status?.conditions?.find(({ type }) => type === wanted);

function tally(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
