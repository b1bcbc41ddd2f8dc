import { BOUNDS } from '../api/defaults.ts';
import { LABEL_ENVIRONMENT } from '../api/names.ts';
import type { ReferencesStatus } from '../api/schema.ts';
import type { Collision } from '../domain/content/collision.ts';
import { invalidFlagMessage, type SelectedFlags } from '../domain/content/feature-flags.ts';
import { keyRule } from '../domain/formats/format.ts';
import { showKey, showKeys } from '../domain/keys.ts';
import { membersTwice, memberTwiceMessage } from '../domain/secrets/members-twice.ts';
import { heldKeys } from '../domain/secrets/references.ts';
import { outOfDate } from '../domain/secrets/validity.ts';
import type { Facts } from '../domain/status/status.ts';
import type { Warning } from '../domain/status/verdict.ts';
import { warningsFor } from '../domain/status/warnings.ts';
import type { PlannedSource } from '../domain/store/selectors.ts';
import { selectionKey } from '../domain/store/settings.ts';
import { archivedWarning } from '../domain/store/snapshots.ts';
import { rfc3339 } from '../domain/times.ts';
import type { PlannedPass } from './pass.ts';
import type { Fetched } from './steps/fetch.ts';
import type { Tags } from './steps/observe.ts';
import { allRecords, type FailedReference, type Resolved } from './steps/outcome.ts';

/** What a full read tells the status about settings and flags. */
export function settingFacts(pass: PlannedPass, { merged, flags, pages, snapshots }: Fetched): Facts {
  const { sources: before = [] } = pass.previous;
  const sources = pass.plan.sources.map((source, index) => ({
    ...sourceFacts(pass, source, pages, before[index]),
    settings: merged.counts[index] ?? 0,
  }));
  const referred = snapshots.length === 0 ? undefined : snapshots;
  const flagsTold = flags === undefined ? NO_FLAGS : flagFacts(pass, flags, pages);
  return { settings: merged.entries.size, sources, snapshots: referred, ...flagsTold };
}

const NO_FLAGS: Facts = { featureFlags: undefined, flagSources: undefined };

/** What a read of the flags tells the status about them. */
export function flagFacts(pass: PlannedPass, { flags, counts }: SelectedFlags, pages: Tags): Facts {
  const { flagSources: before = [] } = pass.previous;
  const flagSources = pass.plan.flagSources.map((source, index) => ({
    ...sourceFacts(pass, source, pages, before[index]),
    flags: counts[index] ?? 0,
  }));
  return { featureFlags: flags.length, flagSources };
}

interface SourceStatus {
  readonly selector: string;
  readonly changedAt?: string;
}

function sourceFacts(
  { memory, now }: PlannedPass,
  { description, selection }: PlannedSource,
  pages: Tags,
  before: SourceStatus | undefined,
): SourceStatus {
  const key = selectionKey(selection);
  const same = sameTags(memory.tags.get(key), pages.get(key)) && before?.selector === description;
  const changedAt = same ? before?.changedAt : rfc3339(now);
  return { selector: description, ...(changedAt === undefined ? {} : { changedAt }) };
}

interface TagList {
  readonly host: string;
  readonly etags: readonly string[];
}

const sameTags = (a: TagList | undefined, b: TagList | undefined): boolean =>
  a !== undefined && b !== undefined && a.host === b.host && a.etags.join() === b.etags.join();

/** What it tells about references. A failed one that keeps its last value counts as failed, not as resolved. */
export function referenceFacts({ merged }: Fetched, resolved: Resolved): Facts {
  const total = [...merged.entries.values()].filter(({ kind }) => kind !== 'value').length;
  const failed = resolved.failed.slice(0, BOUNDS.statusList).map(failedStatus);
  const references: ReferencesStatus = {
    total,
    resolved: total - resolved.failed.length,
    ...(failed.length === 0 ? {} : { failed }),
  };
  return { references, secrets: heldKeys(resolved.records).size };
}

function failedStatus({ key, reference, failure }: FailedReference) {
  const { reason, message } =
    'reason' in failure ? failure : { reason: 'Progressing', message: 'is tried again' };
  return {
    key,
    ...(reference === undefined ? {} : { vault: reference.vault, secret: reference.name }),
    reason,
    message,
  };
}

/** Where the environment is corrected. */
const environmentField = ({ environmentSource }: PlannedPass['plan']): string =>
  environmentSource === 'spec' ? 'spec.environment' : `the label ${LABEL_ENVIRONMENT} of the namespace`;

const collisionMessage = ({ key, storeKeys, used, in: vault }: Collision): string =>
  `the ${vault === undefined ? 'settings' : 'secrets'} ${showKeys(storeKeys)} of ${vault ?? 'one selector'} all become key ${showKey(key)}; ${showKey(used)} is used`;

const sentinelMessage = (sentinel: string): string =>
  `the sentinel ${sentinel} does not exist: settings are read again only when it is created; create it, or correct spec.refresh.sentinels`;

const unmatched = (plan: PlannedPass['plan'], thing: 'setting' | 'feature flag'): Warning => ({
  reason: 'EnvironmentUnmatched',
  message: `no ${thing} carries the label ${JSON.stringify(plan.environment)}: only ${thing}s without a label are used; correct ${environmentField(plan)} if this is not meant`,
});

/**
 * What needs a look about flags. Labelled settings show that an environment is meant as it is written: flags need
 * none then.
 */
export function flagWarnings(
  plan: PlannedPass['plan'],
  { invalid, unmatchedEnvironment }: SelectedFlags,
): readonly Warning[] {
  const more = 'feature flags are invalid';
  const warnings = warningsFor('InvalidFeatureFlag', invalid, invalidFlagMessage, more);
  return unmatchedEnvironment && plan.sources.length === 0
    ? [unmatched(plan, 'feature flag'), ...warnings]
    : warnings;
}

/** What works and needs a look all the same. */
export function warningsOf(
  { plan, now }: PlannedPass,
  { merged, flags, archived, missingSentinels }: Fetched,
  resolved: Resolved,
): readonly Warning[] {
  const archivedMessage = ({ snapshot, expiresAt }: (typeof archived)[number]) =>
    archivedWarning(snapshot, expiresAt);
  const warnings = [
    ...warningsFor('SnapshotArchived', archived, archivedMessage, 'snapshots are archived'),
    ...warningsFor('SentinelMissing', missingSentinels, sentinelMessage, 'sentinels do not exist'),
  ];
  if (merged.unmatchedEnvironment) warnings.push(unmatched(plan, 'setting'));
  if (flags !== undefined) warnings.push(...flagWarnings(plan, flags));
  const more = 'keys have several sources';
  warnings.push(...warningsFor('KeyCollision', merged.collisions, collisionMessage, more));
  warnings.push(...warningsFor('KeyCollision', membersTwice(resolved.records), memberTwiceMessage, more));
  for (const { target, format, keys } of merged.skipped) {
    const counted = keys.length === 1 ? 'key' : `${keys.length} keys:`;
    const message = `${target} leaves out ${counted} ${showKeys(keys)}, as spec.keys.invalid says; ${keyRule(format)}`;
    warnings.push({ reason: 'InvalidKey', message });
  }
  for (const message of outOfDate(allRecords(resolved), now))
    warnings.push({ reason: 'SecretOutOfDate', message });
  return warnings;
}
