import { type FilterError, isFilterError, matches, parseFilter } from '../filters.ts';
import { compare, type Setting } from '../setting.ts';
import { matchesTags, parseTagFilters } from '../tagfilters.ts';

/** One filter of a snapshot in the grammar of lists; a label that is null or omitted means "no label" (A.5, A.11). */
export interface SnapshotFilter {
  readonly key: string;
  readonly label?: string | null | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** Whether settings of one key and different labels are one setting of the snapshot, or several. */
export type Composition = 'key' | 'key_label';

type Accepts = (setting: Setting) => boolean;

/**
 * What a snapshot holds, in list order: by `key`, one setting per key, later filters override earlier ones; by
 * `key_label`, everything that any filter selects (A.11).
 * Failure: a filter outside the grammar, or a label under `key` that could match several labels.
 */
export function compose(
  settings: readonly Setting[],
  filters: readonly SnapshotFilter[],
  composition: Composition,
): Setting[] | FilterError {
  const chosen = new Map<string, Setting>();
  for (const filter of filters) {
    const accepts = accept(filter, composition);
    if (typeof accepts !== 'function') return accepts;
    for (const setting of settings.filter(accepts)) chosen.set(identity(setting, composition), setting);
  }
  return [...chosen.values()].sort(compare);
}

function identity({ key, label }: Setting, composition: Composition): string {
  return composition === 'key' ? key : JSON.stringify([key, label]);
}

function accept({ key, label, tags }: SnapshotFilter, composition: Composition): Accepts | FilterError {
  const keys = parseFilter(key);
  if (isFilterError(keys)) return keys;
  const labels = parseFilter(label === undefined || label === null || label === '' ? '\0' : label);
  if (isFilterError(labels)) return labels;
  const several = labels.kind !== 'values' || labels.values.size > 1;
  if (composition === 'key' && several) return { error: 'Invalid label filter for the composition type' };
  const tagged = parseTagFilters(tags ?? []);
  if (isFilterError(tagged)) return tagged;
  return (setting) =>
    matches(keys, setting.key) && matches(labels, setting.label) && matchesTags(tagged, setting.tags);
}
