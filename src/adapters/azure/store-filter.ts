import type { StoreFilter } from '../../domain/settings.ts';

/** What the SDK is given for a filter: it puts both into the query without encoding `&`, `#`, `+` and `%`. */
export interface EncodedFilter {
  readonly keyFilter: string;
  readonly labelFilter: string;
}

/**
 * The filter as the SDK must be given it, so that any key or label a store can hold is selectable.
 *
 * The SDK leaves percent-triplets as they are and encodes only what `encodeURI` does, so everything is encoded
 * here. The store decodes before it reads the grammar: `*`, `,` and `\` of the key keep their meaning.
 */
export function encodeFilter({ key, label }: StoreFilter): EncodedFilter {
  return { keyFilter: encode(key), labelFilter: encode(labelFilter(label)) };
}

/** A label filter that matches exactly `label`; U+0000 matches settings without one. An empty filter would match all. */
export function labelFilter(label: string | null): string {
  return label === null || label === '' ? '\0' : label.replace(/[\\,*]/g, '\\$&');
}

/** Lone surrogates cannot be in a store and would make `encodeURIComponent` throw. */
const encode = (text: string): string => encodeURIComponent(text.toWellFormed());
