import type { Condition } from '../api/conditions.ts';
import type { AppConfigBinding } from '../api/schema.ts';
import { needsNoRestart } from './rollouts/job.ts';

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
 * The status lists the first rollouts, unfinished ones before those that are complete, and tells how many there are
 * ("2/3"). Jobs, which come last, are none.
 */
function phasesOf({ status }: AppConfigBinding): readonly string[] {
  const rollouts = (status?.rollouts ?? []).filter((one) => !needsNoRestart(one));
  const all = Number(status?.rollout?.split('/')[1] ?? 0);
  const unlisted = Math.max(0, all - rollouts.length);
  return [...rollouts.map(({ phase }) => phase), ...Array<string>(unlisted).fill('Complete')];
}

const is = ({ status }: AppConfigBinding, wanted: Condition['type']): Condition | undefined =>
  status?.conditions?.find(({ type }) => type === wanted);

function tally(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
