import { cancelled, type Failure, fail, ok, type Result } from '../../domain/failure.ts';
import type { Identity } from '../../domain/identity/identity.ts';
import { isSnapshot, type Selection, type Setting, selectionKey } from '../../domain/store/settings.ts';
import {
  referenceFailure,
  type SnapshotReference,
  snapshotReferences,
} from '../../domain/store/snapshot-references.ts';
import type { Archived } from '../../ports/azure.ts';
import type { Content, Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import { selectionsOf, snapshotSelection } from './observe.ts';

/** All that a binding reads, in full. */
export interface Contents {
  /** By selection key: the selections of the plan, and the snapshots that their settings refer to. */
  readonly bySelection: ReadonlyMap<string, Content>;
  /** What the snapshots hold that are referred to, by name, in ordinal order. */
  readonly snapshots: ReadonlyMap<string, readonly Setting[]>;
  readonly archived: readonly ArchivedSnapshot[];
}

/** A snapshot that is still read, and will be deleted. */
export interface ArchivedSnapshot extends Archived {
  readonly snapshot: string;
}

type Source = Pick<Dependencies, 'settingsSource'>;
type Read = readonly [selection: Selection, content: Content];

/** Reads every selection, then what their settings refer to. A reference that cannot be read fails with its key. */
export async function readContents(
  pass: PlannedPass,
  identity: Identity,
  deps: Source,
): Promise<Result<Contents>> {
  const selected = await readAll(pass, identity, selectionsOf(pass), deps);
  if (!selected.ok) return selected;
  const parts = selected.value.map(([selection, { settings }]) => ({ selection, settings }));
  const references = snapshotReferences(parts);
  if (!references.ok) return references;
  const referred = await readReferences(pass, identity, references.value, deps);
  if (!referred.ok) return referred;
  const all = [...selected.value, ...referred.value];
  return ok({
    bySelection: new Map(all.map(([selection, content]) => [selectionKey(selection), content])),
    snapshots: new Map(
      referred.value.map(([, { settings }], at) => [nameOf(references.value, at), settings]),
    ),
    archived: archivedOf(all),
  });
}

const nameOf = (references: readonly SnapshotReference[], at: number): string =>
  references[at]?.snapshot ?? '';

function readReferences(
  pass: PlannedPass,
  identity: Identity,
  references: readonly SnapshotReference[],
  deps: Source,
): Promise<Result<readonly Read[]>> {
  const selections = references.map(({ snapshot }) => snapshotSelection(pass, snapshot));
  return readAll(pass, identity, selections, deps, (failure, at) => {
    const reference = references[at];
    return reference === undefined ? failure : referenceFailure(reference, failure);
  });
}

/** Reads each of `selections` in full. */
export async function readAll(
  pass: PlannedPass,
  identity: Identity,
  selections: readonly Selection[],
  { settingsSource }: Source,
  explained: (failure: Failure, at: number) => Failure = (failure) => failure,
): Promise<Result<readonly Read[]>> {
  const options = { signal: pass.signal, subscriberKey: pass.key };
  const read = (selection: Selection) => settingsSource.content(selection, identity, options);
  const answers = await Promise.all(selections.map(read));
  const contents: Read[] = [];
  for (const [at, selection] of selections.entries()) {
    const answer = answers[at];
    if (answer === undefined) return fail(cancelled);
    if (!answer.ok) return fail(explained(answer.failure, at));
    contents.push([selection, answer.value]);
  }
  return ok(contents);
}

/** Each once, though it may be selected and referred to. */
function archivedOf(contents: readonly Read[]): readonly ArchivedSnapshot[] {
  const found = contents.flatMap(([{ filter }, { archived }]) =>
    archived === undefined || !isSnapshot(filter) ? [] : [{ snapshot: filter.snapshot, ...archived }],
  );
  return [...new Map(found.map((one) => [one.snapshot, one])).values()];
}
