import { BOUNDS } from '../api/defaults.ts';
import { LABEL_ENVIRONMENT } from '../api/names.ts';
import type { ReferencesStatus } from '../api/schema.ts';
import { keyRule } from '../domain/formats/format.ts';
import { showKey, showKeys } from '../domain/keys.ts';
import type { Collision } from '../domain/merge.ts';
import { selectionKey } from '../domain/settings.ts';
import { archivedWarning } from '../domain/snapshots.ts';
import type { Facts } from '../domain/status/status.ts';
import type { Warning } from '../domain/status/verdict.ts';
import { rfc3339 } from '../domain/times.ts';
import { outOfDate } from '../domain/validity.ts';
import type { PlannedPass } from './pass.ts';
import type { Fetched } from './steps/fetch.ts';
import type { FailedReference, Resolved } from './steps/resolve.ts';

/** What a full read tells the status about settings. */
export function settingFacts(pass: PlannedPass, { merged, pages, snapshots }: Fetched): Facts {
  const now = rfc3339(pass.now);
  const sources = pass.plan.sources.map(({ description, selection }, index) => {
    const before = pass.previous.sources?.[index];
    const key = selectionKey(selection);
    const same = sameTags(pass.memory.tags.get(key), pages.get(key)) && before?.selector === description;
    const changedAt = same ? before?.changedAt : now;
    return {
      selector: description,
      settings: merged.counts[index] ?? 0,
      ...(changedAt === undefined ? {} : { changedAt }),
    };
  });
  const referred = snapshots.length === 0 ? undefined : snapshots;
  return { settings: merged.entries.size, sources, snapshots: referred };
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
  return { references, secrets: resolved.records.size };
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

const SHOWN_COLLISIONS = 10;

function collisionMessages(collisions: readonly Collision[]): readonly string[] {
  const shown = collisions
    .slice(0, SHOWN_COLLISIONS)
    .map(
      ({ key, storeKeys, used }) =>
        `the settings ${showKeys(storeKeys)} of one selector all become key ${showKey(key)}; ${showKey(used)} is used`,
    );
  const more = collisions.length - shown.length;
  return more > 0 ? [...shown, `${more} more keys come from several settings`] : shown;
}

/** What works and needs a look all the same. */
export function warningsOf(
  { plan, now }: PlannedPass,
  { merged, archived, missingSentinels }: Fetched,
  { records }: Resolved,
): readonly Warning[] {
  const warnings: Warning[] = archived.map(({ snapshot, expiresAt }) => ({
    reason: 'SnapshotArchived',
    message: archivedWarning(snapshot, expiresAt),
  }));
  for (const sentinel of missingSentinels) {
    const message = `the sentinel ${sentinel} does not exist: settings are read again only when it is created; create it, or correct spec.refresh.sentinels`;
    warnings.push({ reason: 'SentinelMissing', message });
  }
  if (merged.unmatchedEnvironment) {
    const message = `no setting carries the label ${JSON.stringify(plan.environment)}: only settings without a label are used; correct ${environmentField(plan)} if this is not meant`;
    warnings.push({ reason: 'EnvironmentUnmatched', message });
  }
  for (const message of collisionMessages(merged.collisions))
    warnings.push({ reason: 'KeyCollision', message });
  for (const { target, format, keys } of merged.skipped) {
    const counted = keys.length === 1 ? 'key' : `${keys.length} keys:`;
    const message = `${target} leaves out ${counted} ${showKeys(keys)}, as spec.keys.invalid says; ${keyRule(format)}`;
    warnings.push({ reason: 'InvalidKey', message });
  }
  for (const message of outOfDate(records, now)) warnings.push({ reason: 'SecretOutOfDate', message });
  return warnings;
}
