import type { Identity } from '../domain/identity/identity.ts';
import { isBudgetAlone } from '../domain/request-budget.ts';
import { toldOutOfDate } from '../domain/secrets/validity.ts';
import type { Facts } from '../domain/status/status.ts';
import { selectionKey } from '../domain/store/settings.ts';
import { writeDeeds } from './deeds.ts';
import type { Dependencies } from './dependencies.ts';
import { type Ended, stopped } from './ended.ts';
import { flagFacts, flagWarnings } from './facts.ts';
import type { PlannedPass } from './pass.ts';
import { fetchFlags } from './steps/fetch-flags.ts';
import { type Inspection, inspect } from './steps/inspect.ts';
import { flagSelectionsOf, type Tags, watchedForSettings } from './steps/observe.ts';
import type { Written } from './steps/write.ts';
import { readHolders, writeFlags } from './steps/write-flags.ts';
import { targetFacts } from './synchronise.ts';
import { restartAfter } from './workloads.ts';

/**
 * Flags have changed and nothing else: they are read, and put into the files as they stand.
 *
 * Guarantees: no setting and no secret is read. What else a file holds is taken over only from an object that stands
 * at the version the status records and carries the hash of exactly what would be rendered now, but for the flags.
 * Undefined: that cannot be told, so that everything is to be done again.
 */
export async function refreshFlags(
  pass: PlannedPass,
  identity: Identity,
  known: Facts,
  { tags }: Pick<Inspection, 'tags'>,
  deps: Dependencies,
): Promise<Ended | undefined> {
  const { memory } = pass;
  if (!(await onlyFlagsChanged(pass, tags, deps))) return undefined;
  const fetched = await fetchFlags(pass, identity, deps);
  if (!fetched.ok) return stopped(memory, 'SettingsFetched', fetched.failure, known);
  const { selected } = fetched.value;
  const facts: Facts = { ...known, ...flagFacts(pass, selected, fetched.value.tags) };
  const now: Tags = new Map([...tags, ...fetched.value.tags]);
  const holders = await readHolders(pass, deps);
  if (!holders.ok) return stopped(memory, 'TargetsApplied', holders.failure, facts);
  if (holders.value === undefined) return undefined;
  const written = await writeFlags(pass, holders.value, selected, now, deps);
  if (written === undefined) return undefined;
  if (!written.ok) return stopped(memory, 'TargetsApplied', written.failure, facts);
  memory.tags = new Map([...memory.tags, ...fetched.value.tags]);
  const news = await restartAfter(pass, written.value, deps);
  return {
    ...news,
    verdict: { kind: 'synced' },
    facts: {
      ...facts,
      ...targetFacts(pass, written.value),
      ...lastChange(pass, written.value),
      ...news.facts,
    },
    warnings: flagWarnings(pass.plan, selected),
    deeds: [...writeDeeds(written.value.applied), ...news.deeds],
  };
}

/** A target that was not looked at may have changed later than those that were. */
function lastChange(pass: PlannedPass, written: Written): Pick<Facts, 'lastChangeTime'> {
  const times = [pass.previous.lastChangeTime, targetFacts(pass, written).lastChangeTime];
  const latest = times
    .filter((time) => time !== undefined)
    .toSorted()
    .at(-1);
  return latest === undefined ? {} : { lastChangeTime: latest };
}

/** Judged with the flags' pages of the last full read in the place of today's. */
async function onlyFlagsChanged(pass: PlannedPass, tags: Tags, deps: Dependencies): Promise<boolean> {
  const { memory, previous, now } = pass;
  const flags = flagSelectionsOf(pass).map(selectionKey);
  const settings = new Set(watchedForSettings(pass).map(selectionKey));
  if (flags.length === 0 || flags.some((key) => settings.has(key))) return false;
  // What stands about settings and references would have to be told again, and only a full read knows it.
  const warning = previous.conditions?.find(({ type }) => type === 'Warning');
  if ((warning !== undefined && !isBudgetAlone(warning)) || memory.trouble.kind !== 'none') return false;
  const before = flags.flatMap((key) => {
    const last = memory.tags.get(key);
    return last === undefined ? [] : [[key, last] as const];
  });
  const inspected = await inspect(pass, new Map([...tags, ...before]), deps);
  if (!inspected.ok || before.length < flags.length) return false;
  return inspected.value.current && toldOutOfDate('', inspected.value.records, now);
}
