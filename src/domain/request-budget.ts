import type { Condition } from '../api/conditions.ts';
import type { Warning } from './status/verdict.ts';

/**
 * Whether the bindings of a store, as they are configured, can do with the requests that the store grants.
 *
 * An estimate of what is asked while nothing changes, from configuration and page counts alone, so that it says the
 * same as long as these are the same. It is an upper bound: intervals are jittered upwards, and a store does not
 * count most repeats of an unchanged request (learn.microsoft.com/azure/azure-app-configuration/faq).
 */
export interface PolledSelection {
  readonly pages: number;
  /** One for each binding; `identity` is absent while it is not known. */
  readonly looks: readonly { readonly intervalMs: number; readonly identity?: string }[];
}

/** Requests per hour. */
export interface RequestEstimate {
  /** One look at each page of each selection per interval, whoever takes it. */
  readonly polls: number;
  /** Further looks by which each identity shows that it may still see the pages. */
  readonly proofs: number;
}

const HOUR_MS = 3_600_000;

/** What all `selections` of one store ask for; a proof of an identity holds for `proofMs`. */
export function estimateRequests(selections: readonly PolledSelection[], proofMs: number): RequestEstimate {
  const each = selections.filter(({ looks }) => looks.length > 0).map((one) => estimateOne(one, proofMs));
  const sum = (member: keyof RequestEstimate) => each.reduce((total, one) => total + one[member], 0);
  return { polls: sum('polls'), proofs: sum('proofs') };
}

function estimateOne({ pages, looks }: PolledSelection, proofMs: number): RequestEstimate {
  const shortest = Math.min(...looks.map(({ intervalMs }) => intervalMs));
  const polls = HOUR_MS / shortest;
  const byIdentity = Map.groupBy(looks, ({ identity }) => identity);
  // An identity that is alone renews its proof by polling.
  const alone = byIdentity.size === 1 && shortest <= proofMs;
  const renewals = [...byIdentity.values()].map((own) => Math.min(HOUR_MS / proofMs, frequency(own)));
  const proofs = alone ? 0 : renewals.reduce((total, one) => total + one, 0);
  // Nobody asks more often than it looks.
  return { polls: pages * polls, proofs: pages * Math.max(0, Math.min(proofs, frequency(looks) - polls)) };
}

/** Looks per hour, if each asked the store. */
const frequency = (looks: PolledSelection['looks']): number =>
  looks.reduce((total, { intervalMs }) => total + HOUR_MS / intervalMs, 0);

const OPENING = 'the request budget of store ';
const TIERS = 'Free 1,000 a day, Developer 6,000 and Standard 30,000 an hour, Premium without a quota';

/** What each binding of a store is told when the estimate exceeds the store's budget, in requests per hour. */
export function budgetWarning(host: string, estimate: RequestEstimate, budget: number): Warning | undefined {
  const total = estimate.polls + estimate.proofs;
  if (total <= budget) return undefined;
  const message = `${OPENING}${host} is ${shown(budget)} an hour, and its bindings together need about ${shown(roundedUp(total))}: ${shown(roundedUp(estimate.polls))} for the pages of their selections, ${shown(roundedUp(estimate.proofs))} for proofs of their identities; lengthen spec.refresh.interval, use fewer different selections, or take a higher tier (${TIERS}) and raise the operator's setting store-request-budget`;
  return { reason: 'RequestBudgetExceeded', message };
}

/** Two digits, upwards: one binding more or less among a thousand changes no status of the others. */
function roundedUp(count: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(count, 1))) - 1);
  return Math.ceil(count / step - 1e-9) * step;
}

const shown = (count: number): string => count.toLocaleString('en-US');

/**
 * The warnings of a pass with that about the budget, which always comes last. A pass that learned nothing about
 * other warnings (`learned` is absent) leaves those that stand, and one for which the budget is `unknown` leaves what
 * stands about that; the answer is absent when all stay as they are.
 */
export function withBudgetWarning(
  standing: Condition | undefined,
  learned: readonly Warning[] | undefined,
  budget: Warning | undefined | 'unknown',
): readonly Warning[] | undefined {
  const told = budgetPart(standing);
  const wanted = budget === 'unknown' ? told : budget;
  const news = wanted === undefined ? [] : [wanted];
  if (learned !== undefined) return [...learned, ...news];
  return told?.message === wanted?.message ? undefined : [...othersOf(standing), ...news];
}

/** What a standing warning says about the budget. */
function budgetPart(standing: Condition | undefined): Warning | undefined {
  const at = openingIn(standing);
  if (standing === undefined || at < 0) return undefined;
  return { reason: 'RequestBudgetExceeded', message: standing.message.slice(at) };
}

/** The other warnings that stand, as one. That of a suspension ends with it. */
function othersOf(standing: Condition | undefined): readonly Warning[] {
  if (standing === undefined || standing.reason === 'Suspended') return [];
  const at = openingIn(standing);
  const message = at < 0 ? standing.message : standing.message.slice(0, at).replace(/; $/, '');
  return message === '' ? [] : [{ reason: standing.reason, message }];
}

/** Whether a standing warning is about nothing else. */
export const isBudgetAlone = (standing: Condition | undefined): boolean => openingIn(standing) === 0;

const openingIn = (standing: Condition | undefined): number => standing?.message.lastIndexOf(OPENING) ?? -1;
