import { type SelectedFlags, selectFlags } from '../../domain/content/feature-flags.ts';
import { blocked, fail, ok, type Result } from '../../domain/failure.ts';
import type { Identity } from '../../domain/identity/identity.ts';
import { selectionKey } from '../../domain/store/settings.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import { readAll } from './contents.ts';
import { flagSelectionsOf, type Tags } from './observe.ts';

/** The feature flags of a binding, and the pages that they come from. */
export interface FetchedFlags {
  readonly selected: SelectedFlags;
  readonly tags: Tags;
}

/**
 * Reads the selections of flags in full, and nothing else.
 *
 * No flag at all is an answer that must not take the flags of an application away: it stands only if the binding
 * says so.
 */
export async function fetchFlags(
  pass: PlannedPass,
  identity: Identity,
  deps: Pick<Dependencies, 'settingsSource'>,
): Promise<Result<FetchedFlags>> {
  const { plan } = pass;
  const read = await readAll(pass, identity, flagSelectionsOf(pass), deps);
  if (!read.ok) return read;
  const contents = new Map(read.value.map(([selection, content]) => [selectionKey(selection), content]));
  const parts = plan.flagSources.map((source) => ({
    source,
    settings: contents.get(selectionKey(source.selection))?.settings ?? [],
  }));
  const selected = selectFlags(parts, plan.endpoint ?? '');
  if (selected.counts.every((count) => count === 0) && !plan.allowEmpty) return fail(noFlags(pass));
  return ok({ selected, tags: new Map([...contents].map(([key, { tags }]) => [key, tags])) });
}

function noFlags({ plan }: PlannedPass) {
  const wanted = plan.flagSources.map(({ description }) => description).join('; ');
  const remedy =
    'correct spec.featureFlags.selectors or spec.environment, or set spec.allowEmpty: true if this is meant';
  return blocked(
    'EmptySelection',
    `no feature flag of ${plan.endpoint} matches (${wanted}); the targets are left as they are: ${remedy}`,
  );
}
