import { isSnapshot, type KeyFilter, type StoreFilter } from '../../domain/store/settings.ts';

/** What the SDK is given for a snapshot's content; HEAD takes it, too, though its type does not say so. */
export interface EncodedSnapshot {
  readonly snapshotName: string;
}

/** What the SDK is given for a filter: it puts key and label into the query without encoding `&`, `#`, `+` and `%`. */
export interface EncodedFilter {
  readonly keyFilter: string;
  readonly labelFilter: string;
  readonly tagsFilter?: string[];
}

/**
 * The filter as the SDK must be given it, so that any key or label a store can hold is selectable.
 *
 * The SDK leaves percent-triplets as they are and encodes only what `encodeURI` does, so everything is encoded
 * here. The store decodes before it reads the grammar: `*`, `,` and `\` of the key keep their meaning.
 * Tags the SDK encodes itself, in full.
 */
export function encodeFilter({ key, label, tags }: KeyFilter): EncodedFilter {
  const filter = { keyFilter: encode(key), labelFilter: encode(labelFilter(label)) };
  return tags === undefined ? filter : { ...filter, tagsFilter: tags.map(tagFilter) };
}

/** What is put into the query for either kind. */
export const encodeQuery = (filter: StoreFilter): EncodedFilter | EncodedSnapshot =>
  isSnapshot(filter) ? { snapshotName: encode(filter.snapshot) } : encodeFilter(filter);

/** The first `=` separates; every other, and what the grammar reserves, is escaped. */
export const tagFilter = ([name, value]: readonly [string, string]): string =>
  `${escapeTag(name)}=${escapeTag(value)}`;

const escapeTag = (text: string): string => text.toWellFormed().replace(/[\\,*=]/g, '\\$&');

/** A label filter that matches exactly `label`; U+0000 matches settings without one. An empty filter would match all. */
export function labelFilter(label: string | null): string {
  return label === null || label === '' ? '\0' : label.replace(/[\\,*]/g, '\\$&');
}

/** Lone surrogates cannot be in a store and would make `encodeURIComponent` throw. */
const encode = (text: string): string => encodeURIComponent(text.toWellFormed());
