import { blocked, cancelled, type Failure, fail, ok, type Result } from '../../domain/failure.ts';
import type { Identity } from '../../domain/identity.ts';
import { type Merged, mergeSources } from '../../domain/merge.ts';
import { invalidKeys } from '../../domain/render.ts';
import { isSnapshot, type Selection, selectionKey } from '../../domain/settings.ts';
import type { Archived } from '../../ports/azure.ts';
import type { Content, Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import { selectionsOf, type Tags } from './observe.ts';

/** The settings of a binding, merged, and the page tags they belong to. */
export interface Fetched {
  readonly tags: Tags;
  readonly merged: Merged;
  readonly archived: readonly ArchivedSnapshot[];
}

/** A snapshot that is still read, and will be deleted. */
export interface ArchivedSnapshot extends Archived {
  readonly snapshot: string;
}

/**
 * Reads every selection in full and merges them in order.
 *
 * An empty selection is an answer that must not empty a target: it stands only if the binding says so.
 */
export async function fetch(
  pass: PlannedPass,
  identity: Identity,
  deps: Pick<Dependencies, 'settingsSource' | 'settings'>,
): Promise<Result<Fetched>> {
  const contents = await readAll(pass, identity, deps);
  if (!contents.ok) return contents;
  const parts = pass.plan.sources.map((source) => ({
    source,
    settings: contents.value.get(selectionKey(source.selection))?.settings ?? [],
  }));
  const merged = mergeSources(parts, pass.plan, { vaultSuffixes: deps.settings.vaultSuffixes });
  if (merged.entries.size === 0 && !pass.plan.allowEmpty) return fail(nothingLeft(pass, merged));
  const tags = new Map([...contents.value].map(([key, content]) => [key, content.tags]));
  return ok({ tags, merged, archived: archivedOf(pass, contents.value) });
}

async function readAll(
  pass: PlannedPass,
  identity: Identity,
  { settingsSource }: Pick<Dependencies, 'settingsSource'>,
): Promise<Result<ReadonlyMap<string, Content>>> {
  const selections = selectionsOf(pass);
  const options = { signal: pass.signal, subscriberKey: pass.key };
  const read = (selection: Selection) => settingsSource.content(selection, identity, options);
  const answers = await Promise.all(selections.map(read));
  const contents = new Map<string, Content>();
  for (const [index, selection] of selections.entries()) {
    const answer = answers[index];
    if (answer === undefined) return fail(cancelled);
    if (!answer.ok) return answer;
    contents.set(selectionKey(selection), answer.value);
  }
  return ok(contents);
}

/** Keys that are all left out must not empty a target either. */
function nothingLeft(pass: PlannedPass, { skipped: [first] }: Merged): Failure {
  return first === undefined ? emptySelection(pass) : invalidKeys(first.keys, first.format, first.target);
}

const archivedOf = (pass: PlannedPass, contents: ReadonlyMap<string, Content>): ArchivedSnapshot[] =>
  selectionsOf(pass).flatMap((selection) => {
    const archived = contents.get(selectionKey(selection))?.archived;
    return archived === undefined || !isSnapshot(selection.filter)
      ? []
      : [{ snapshot: selection.filter.snapshot, ...archived }];
  });

function emptySelection({ plan }: PlannedPass) {
  const wanted = plan.sources.map(({ description }) => description).join('; ');
  const remedy = 'correct spec.selectors or spec.environment, or set spec.allowEmpty: true if this is meant';
  return blocked(
    'EmptySelection',
    `no setting of ${plan.endpoint} matches (${wanted}); the targets are left as they are: ${remedy}`,
  );
}
