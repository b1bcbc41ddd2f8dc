import { ABNORMAL, CONDITIONS, type Condition, type ConditionType } from '../../api/conditions.ts';
import type { Reason } from '../../api/reasons.ts';
import { dispositionOf, type Phase, type Verdict, type Warning } from './verdict.ts';

const PHASES: readonly Phase[] = ['SettingsFetched', 'SecretsResolved', 'TargetsApplied'];

/** A condition without its bookkeeping; absent ones are removed from the status. */
export interface Claim {
  readonly status: 'True' | 'False';
  readonly reason: Reason;
  readonly message: string;
}

export interface ConditionInput {
  readonly previous: readonly Condition[];
  readonly verdict: Verdict;
  /** The words for each condition when it is True; derived from the counts of the new status. */
  readonly good: Readonly<Record<Phase | 'Ready', Claim>>;
  /** Absent: workloads were not looked at, the condition stays. */
  readonly rollouts?: Claim;
  /** Absent: nothing was learned about warnings, they stay. */
  readonly warnings?: readonly Warning[];
  /** Since when nothing was read, when that is too long. */
  readonly stale?: Claim;
  readonly generation: number;
  /** RFC 3339, seconds. */
  readonly now: string;
}

/** The new list of conditions, in the fixed order of `CONDITIONS`. Times move only when a status changes. */
export function nextConditions(input: ConditionInput): readonly Condition[] {
  const claims = claim(input);
  return CONDITIONS.flatMap((type) => {
    const wanted = claims.get(type);
    if (wanted === undefined) return [];
    const before = input.previous.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === wanted.status ? before.lastTransitionTime : input.now;
    return [{ type, observedGeneration: input.generation, ...wanted, lastTransitionTime }];
  });
}

/** A claim that stays speaks about the generation it was made for, not about the one at hand. */
type Standing = Claim & { readonly observedGeneration?: number };

function claim(input: ConditionInput): ReadonlyMap<ConditionType, Standing> {
  const claims = new Map<ConditionType, Standing>();
  for (const { type, lastTransitionTime: _, ...standing } of input.previous) {
    const { status } = standing;
    if (status !== 'Unknown' && stays(type, standing.reason, input))
      claims.set(type, { ...standing, status });
  }
  for (const [type, judged] of judge(input)) claims.set(type, judged);
  if (input.rollouts !== undefined) claims.set('RolloutsComplete', input.rollouts);
  if (input.stale !== undefined) claims.set('Stale', input.stale);
  const warning = warningClaim(input.warnings ?? []);
  if (warning !== undefined) claims.set('Warning', warning);
  return claims;
}

/** A warning stays while nothing new is known; that of a suspension ends with it. */
const stays = (type: ConditionType, reason: Reason, { warnings, verdict }: ConditionInput): boolean =>
  type === 'Warning'
    ? warnings === undefined && (reason !== 'Suspended' || verdict.kind === 'suspended')
    : !ABNORMAL.has(type);

/** Ready, its three phases, and Reconciling or Stalled, from how the pass ended. */
function judge(input: ConditionInput): ReadonlyMap<ConditionType, Claim> {
  const { verdict, good } = input;
  switch (verdict.kind) {
    case 'suspended':
      return new Map();
    case 'bug':
      return new Map([['Ready', BUG]]);
    case 'synced':
      return new Map([...PHASES, 'Ready' as const].map((type) => [type, good[type]]));
    case 'failed':
      return judgeFailure(input, verdict);
  }
}

const BUG: Claim = {
  status: 'False',
  reason: 'InternalError',
  message:
    'a defect of the operator stopped it at this binding; the targets are left as they are and it is tried again; please report it with the log of the operator',
};

function judgeFailure(
  { previous, good }: ConditionInput,
  { phase, failure, transientInARow, wentOn }: Extract<Verdict, { kind: 'failed' }>,
): ReadonlyMap<ConditionType, Claim> {
  const claims = new Map<ConditionType, Claim>();
  const at = PHASES.indexOf(phase);
  const known = PHASES.filter((_, index) => index < at || (wentOn && index > at));
  if (failure.kind !== 'invalid-spec') for (const type of known) claims.set(type, good[type]);
  if (failure.kind === 'conflict' || failure.kind === 'cancelled') return claims;
  const { reason, message } = failure;
  const { unready, abnormal } = dispositionOf(failure, transientInARow);
  const bad: Claim = { status: 'False', reason, message };
  if (unready) claims.set('Ready', bad);
  else if (!previous.some(({ type }) => type === 'Ready'))
    claims.set('Ready', { ...bad, reason: 'Progressing' });
  if (unready && failure.kind !== 'invalid-spec') claims.set(phase, bad);
  if (abnormal !== undefined) claims.set(abnormal, { ...bad, status: 'True' });
  return claims;
}

function warningClaim(warnings: readonly Warning[]): Claim | undefined {
  const [first] = warnings;
  if (first === undefined) return undefined;
  return { status: 'True', reason: first.reason, message: warnings.map(({ message }) => message).join('; ') };
}
