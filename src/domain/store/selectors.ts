import { DEFAULTS } from '../../api/defaults.ts';
import { FLAG_PREFIX, KEY_FILTER_MAX_MEMBERS, KEY_FILTER_PATTERN } from '../../api/keyfilter.ts';
import type { BindingSelector, BindingSpec } from '../../api/schema.ts';
import { ordinal, showText } from '../keys.ts';
import { isSnapshot, type KeyFilter, type Selection, type StoreFilter } from './settings.ts';

/** One list call of a binding, in its place of the order. */
export interface PlannedSource {
  /** Index into `spec.selectors`, or into `spec.featureFlags.selectors`. */
  readonly selector: number;
  /** For people: `key "orders:*", label "prod"`. */
  readonly description: string;
  /** Whether this is the environment's part of a selector without label and noLabel. */
  readonly overlay: boolean;
  readonly selection: Selection;
}

const KEY_FILTER = new RegExp(KEY_FILTER_PATTERN);

/**
 * Why the store would refuse `filter`, or read it as something else than it looks like; undefined when it is
 * fine. The store's grammar: exact, `prefix*`, `a,b` (five members at most), `*`; a backslash escapes.
 */
export function keyFilterProblem(filter: string): string | undefined {
  if (KEY_FILTER.test(filter)) return undefined;
  if (filter === '') return 'is empty; write * for all keys';
  const bare = filter.replace(/\\./gs, 'x');
  if (bare.endsWith('\\'))
    return 'ends in a single backslash; write \\\\ for a backslash that is part of a key';
  const members = bare.split(',');
  if (members.length > KEY_FILTER_MAX_MEMBERS) {
    return `lists ${members.length} keys, and the store takes ${KEY_FILTER_MAX_MEMBERS}; use several selectors`;
  }
  if (members.includes(''))
    return 'has an empty member in its list; write \\, for a comma that is part of a key';
  if (members.length > 1 && bare.includes('*')) return 'has * in a list; use one selector for each prefix';
  if (bare.includes('*')) return 'has * elsewhere than at its end; write \\* for a * that is part of a key';
  return 'has control characters';
}

/** Filters may have thousands of characters, and a status tells of many of them. */
const shown = (text: string): string => showText(text, 256);

function described(filter: StoreFilter): string {
  if (isSnapshot(filter)) return `snapshot ${shown(filter.snapshot)}`;
  const { key, label, tags = [] } = filter;
  const labelled = label === null ? 'no label' : `label ${shown(label)}`;
  const tagged = tags.map(([name, value]) => `, tag ${shown(name)} = ${shown(value)}`);
  return `key ${shown(key)}, ${labelled}${tagged.join('')}`;
}

/** In one order, so that equal selections are one. */
const tagsOf = ({ tags = {} }: BindingSelector): Pick<KeyFilter, 'tags'> =>
  Object.keys(tags).length === 0 ? {} : { tags: Object.entries(tags).toSorted(([a], [b]) => ordinal(a, b)) };

interface PlannedFilter {
  readonly filter: StoreFilter;
  /** Whether this is the environment's. */
  readonly overlay: boolean;
}

/** What a selector reads, in order. */
function filtersOf(selector: BindingSelector, environment: string | undefined): readonly PlannedFilter[] {
  const { snapshot, key = DEFAULTS.selectorKey, label, noLabel } = selector;
  if (snapshot !== undefined) return [{ filter: { snapshot }, overlay: false }];
  const tags = tagsOf(selector);
  if (label !== undefined) return [{ filter: { key, label, ...tags }, overlay: false }];
  const base = { filter: { key, label: null, ...tags }, overlay: false };
  if (noLabel === true || environment === undefined) return [base];
  return [base, { filter: { key, label: environment, ...tags }, overlay: true }];
}

/** Selector by selector, base then environment. */
export function planSources(
  endpoint: string,
  selectors: readonly BindingSelector[] | undefined,
  environment: string | undefined,
): readonly PlannedSource[] {
  return (selectors ?? [{ key: DEFAULTS.selectorKey }]).flatMap((selector, index) =>
    filtersOf(selector, environment).map(({ filter, overlay }) => ({
      selector: index,
      description: described(filter),
      overlay,
      selection: { endpoint, filter },
    })),
  );
}

const FLAG_MEMBER = /(?:[^\\,]|\\.)+/gsu;

/** Names of flags as keys: each member of a list gets the prefix. */
const flagKeys = (names: string): string => names.replace(FLAG_MEMBER, (name) => `${FLAG_PREFIX}${name}`);

/** The same for the selectors of feature flags, whose keys are names of flags. */
export function planFlagSources(
  endpoint: string,
  featureFlags: BindingSpec['featureFlags'],
  environment: string | undefined,
): readonly PlannedSource[] {
  if (featureFlags === undefined) return [];
  const { selectors = [{ key: DEFAULTS.selectorKey }] } = featureFlags;
  const keyed = selectors.map(({ key, ...rest }) =>
    key === undefined ? rest : { ...rest, key: flagKeys(key) },
  );
  return planSources(endpoint, keyed, environment);
}
