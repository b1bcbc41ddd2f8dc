import { BOUNDS } from '../../api/defaults.ts';
import { blocked, type Failure, fail, ok, type Result } from '../failure.ts';
import { ordinal } from '../keys.ts';
import { contentKind } from './contenttypes.ts';
import { isSnapshot, type Selection, type Setting } from './settings.ts';

/**
 * Settings that stand for a snapshot: `{"snapshot_name": "…"}`. What the snapshot holds takes their place in the
 * order of keys. References within a snapshot are not followed, so that no chain can form.
 */
export interface SnapshotReference {
  /** The key of the referring setting. */
  readonly key: string;
  readonly snapshot: string;
}

export interface SelectedSettings {
  readonly selection: Selection;
  readonly settings: readonly Setting[];
}

/** The snapshots that `parts` refer to, each once, by name; or the first reference that is none. */
export function snapshotReferences(parts: readonly SelectedSettings[]): Result<readonly SnapshotReference[]> {
  const found = new Map<string, SnapshotReference>();
  for (const { key, value } of parts.flatMap(referring)) {
    const snapshot = snapshotName(value);
    if (snapshot === undefined) return fail(invalid(key));
    if (!found.has(snapshot)) found.set(snapshot, { key, snapshot });
  }
  if (found.size > BOUNDS.referencedSnapshots) return fail(tooMany(found.size));
  return ok([...found.values()].toSorted((a, b) => ordinal(a.snapshot, b.snapshot)));
}

/** `settings`, already in their order, with the content of `snapshots` (by name) in the place of references. */
export const expandReferences = (
  settings: readonly Setting[],
  selection: Selection,
  snapshots: ReadonlyMap<string, readonly Setting[]>,
): readonly Setting[] =>
  settings.flatMap((setting) => {
    if (!isReference(setting)) return [setting];
    if (isSnapshot(selection.filter)) return [];
    const content = snapshots.get(snapshotName(setting.value) ?? '') ?? [];
    return content.filter(isPlain).toSorted((a, b) => ordinal(a.key, b.key));
  });

/** The failure to read a snapshot, with the setting that asked for it. */
export function referenceFailure({ key }: SnapshotReference, failure: Failure): Failure {
  if (failure.kind !== 'blocked') return failure;
  const message = `The setting ${JSON.stringify(key)} refers to a snapshot. ${failure.message}`;
  return { ...failure, message };
}

const referring = ({ selection, settings }: SelectedSettings): readonly Setting[] =>
  isSnapshot(selection.filter) ? [] : settings.filter(isReference);

const isReference = ({ contentType }: Setting): boolean => contentKind(contentType) === 'snapshot-reference';

const isPlain = ({ contentType }: Setting): boolean =>
  !['snapshot-reference', 'feature-flag'].includes(contentKind(contentType));

function snapshotName(value: string | undefined): string | undefined {
  try {
    const parsed: unknown = JSON.parse(value ?? '');
    const name: unknown = Reflect.get(Object(parsed), 'snapshot_name');
    return typeof name === 'string' && name !== '' ? name : undefined;
  } catch {
    return undefined;
  }
}

const invalid = (key: string): Failure =>
  blocked(
    'InvalidSnapshotReference',
    `The setting ${JSON.stringify(key)} is marked as a reference to a snapshot, and its value is not {"snapshot_name": "<name>"}: correct it in the store.`,
  );

const tooMany = (count: number): Failure =>
  blocked(
    'InvalidSnapshotReference',
    `The selected settings refer to ${count} snapshots, and at most ${BOUNDS.referencedSnapshots} are read: select fewer.`,
  );
