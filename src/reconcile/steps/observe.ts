import { cancelled, fail, ok, type Result } from '../../domain/failure.ts';
import type { Identity } from '../../domain/identity/identity.ts';
import { jittered } from '../../domain/schedule.ts';
import { type Selection, selectionKey } from '../../domain/store/settings.ts';
import type { PageTags } from '../../ports/azure.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';

/** Page tags of each selection of a binding, by selection key. */
export type Tags = ReadonlyMap<string, PageTags>;

/** Each selection once, whatever number of selectors lead to it. */
export const selectionsOf = ({ plan }: PlannedPass): readonly Selection[] => distinct(plan.sources);

/** The same of feature flags. */
export const flagSelectionsOf = ({ plan }: PlannedPass): readonly Selection[] => distinct(plan.flagSources);

const distinct = (sources: readonly { readonly selection: Selection }[]): readonly Selection[] => [
  ...new Map(sources.map(({ selection }) => [selectionKey(selection), selection])).values(),
];

/** A snapshot of the binding's store. */
export const snapshotSelection = ({ plan }: PlannedPass, snapshot: string): Selection => ({
  endpoint: plan.endpoint ?? '',
  filter: { snapshot },
  ...(plan.replicas === undefined ? {} : { replicas: plan.replicas }),
});

/** Snapshots that settings referred to when they were last read; named in the status, since no ETag tells them. */
const referredSelections = (pass: PlannedPass): readonly Selection[] =>
  (pass.previous.snapshots ?? []).map((snapshot) => snapshotSelection(pass, snapshot));

/** Those that no selector names as well. */
function referredOnly(pass: PlannedPass): readonly Selection[] {
  const planned = new Set(selectionsOf(pass).map(selectionKey));
  return referredSelections(pass).filter((selection) => !planned.has(selectionKey(selection)));
}

/** Everything whose change is a change for this binding. Sentinels stand for settings, not for flags. */
export function watchedSelections(pass: PlannedPass): readonly Selection[] {
  const all = [...watchedForSettings(pass), ...flagSelectionsOf(pass)];
  return distinct(all.map((selection) => ({ selection })));
}

/** Everything whose change is a change of settings. */
export function watchedForSettings(pass: PlannedPass): readonly Selection[] {
  const sentinels = pass.plan.sentinels.map(({ selection }) => selection);
  return sentinels.length > 0 ? sentinels : [...selectionsOf(pass), ...referredSelections(pass)];
}

/**
 * How far the binding's own looks are apart: up to a tenth longer than the interval, each time by another part. Of
 * many bindings on one selection the first to look asks the store, once per interval, and the others find its answer
 * fresh; so their identities ask in turn, and those that have asked need no proof of their own for a while.
 */
export const pollInterval = ({ plan, key, memory }: PlannedPass): number =>
  jittered(plan.refreshIntervalMs, `${key} ${memory.observedAt}`, 0.1);

/**
 * Asks what the store holds now, without reading it: one HEAD per page, or nothing if someone else just asked.
 *
 * Nothing older than the binding's own last look will do, nor older than the time since which this process leads:
 * until then another leader may have followed something newer.
 */
export async function observe(
  pass: PlannedPass,
  identity: Identity,
  { settingsSource }: Pick<Dependencies, 'settingsSource'>,
  maxAgeMs = pass.refreshRequested ? 0 : pass.plan.refreshIntervalMs,
): Promise<Result<Tags>> {
  const selections = watchedSelections(pass);
  const referred = new Set(referredOnly(pass).map(selectionKey));
  const { observedAt: notBefore } = pass.memory;
  const options = { maxAgeMs, notBefore, signal: pass.signal, subscriberKey: pass.key };
  const answers = await Promise.all(
    selections.map((selection) => settingsSource.observe(selection, identity, options)),
  );
  const tags = new Map<string, PageTags>();
  let oldest = pass.now;
  for (const [index, selection] of selections.entries()) {
    const answer = answers[index];
    if (answer === undefined) return fail(cancelled);
    // One that is referred to may be gone because the reference is: the full read will tell.
    if (!answer.ok && answer.failure.kind === 'blocked' && referred.has(selectionKey(selection))) continue;
    if (!answer.ok) return answer;
    tags.set(selectionKey(selection), answer.value.tags);
    oldest = Math.min(oldest, answer.value.observedAt);
  }
  pass.memory.observedAt = oldest;
  return ok(tags);
}
