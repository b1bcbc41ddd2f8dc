import type { SelectedFlags } from '../../domain/content/feature-flags.ts';
import { blocked, type Failure, fail, ok, type Result } from '../../domain/failure.ts';
import { firstClauses } from '../../domain/first-few.ts';
import type { Identity } from '../../domain/identity/identity.ts';
import { type Merged, mergeSources } from '../../domain/merge.ts';
import { selectionKey } from '../../domain/store/settings.ts';
import { invalidKeys } from '../../domain/targets/render.ts';
import type { SelectedSecrets } from '../../domain/vaults/vault-selections.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import { type ArchivedSnapshot, readContents } from './contents.ts';
import { fetchFlags } from './fetch-flags.ts';
import type { Tags } from './observe.ts';
import { readAfter, recordSentinels } from './sentinels.ts';

/** The settings of a binding, merged, and the page tags they belong to. */
export interface Fetched {
  /** What the targets are made from: the pages of all that was read, or the sentinels where there are some. */
  readonly tags: Tags;
  /** Pages of all that was read. */
  readonly pages: Tags;
  /** Descriptions of sentinels that do not exist. */
  readonly missingSentinels: readonly string[];
  readonly merged: Merged;
  /** Absent where the binding asks for none. */
  readonly flags?: SelectedFlags;
  readonly archived: readonly ArchivedSnapshot[];
  /** Names of the snapshots that settings refer to, in ordinal order. */
  readonly snapshots: readonly string[];
}

/**
 * Reads every selection of settings in full and merges them in order, with what the lists of vaults gave.
 *
 * An empty selection is an answer that must not empty a target: it stands only if the binding says so, whatever secrets
 * are read without a setting.
 */
export async function fetch(
  pass: PlannedPass,
  identity: Identity,
  selected: SelectedSecrets,
  deps: Pick<Dependencies, 'settingsSource'>,
): Promise<Result<Fetched>> {
  const { plan } = pass;
  const recorded = plan.sentinels.length > 0 ? await recordSentinels(pass, identity, deps) : undefined;
  if (recorded?.ok === false) return recorded;
  const sentinels = recorded?.value;
  const { settingsSource: source } = deps;
  const settingsSource = sentinels ? readAfter(sentinels.since, pass, source) : source;
  const contents = await readContents(pass, identity, { settingsSource });
  if (!contents.ok) return contents;
  const { bySelection, snapshots, archived } = contents.value;
  const parts = plan.sources.map((source) => ({
    source,
    settings: bySelection.get(selectionKey(source.selection))?.settings ?? [],
  }));
  const merged = mergeSources(parts, plan, {
    vaultSuffixes: plan.vaults.suffixes,
    snapshots,
    selected,
  });
  if (merged.settingKeys === 0 && plan.sources.length > 0 && !plan.allowEmpty)
    return fail(nothingLeft(pass, merged));
  const flags = plan.flagSources.length > 0 ? await fetchFlags(pass, identity, deps) : undefined;
  if (flags?.ok === false) return flags;
  const settingPages = new Map([...bySelection].map(([key, content]) => [key, content.tags]));
  const flagTags = flags?.value.tags ?? [];
  return ok({
    tags: new Map([...(sentinels?.tags ?? settingPages), ...flagTags]),
    pages: new Map([...settingPages, ...flagTags]),
    ...(flags === undefined ? {} : { flags: flags.value.selected }),
    missingSentinels: sentinels?.missing ?? [],
    merged,
    archived,
    snapshots: [...snapshots.keys()],
  });
}

/** Keys that are all left out must not empty a target either. */
function nothingLeft(pass: PlannedPass, { skipped: [first] }: Merged): Failure {
  return first === undefined ? emptySelection(pass) : invalidKeys(first.keys, first.format, first.target);
}

const SHOWN_SOURCES = 10;

function emptySelection({ plan }: PlannedPass) {
  const sources = plan.sources.map(({ description }) => description);
  const wanted = firstClauses(sources, SHOWN_SOURCES);
  const remedy = 'correct spec.selectors or spec.environment, or set spec.allowEmpty: true if this is meant';
  return blocked(
    'EmptySelection',
    `no setting of ${plan.endpoint} matches (${wanted}); the targets are left as they are: ${remedy}`,
  );
}
