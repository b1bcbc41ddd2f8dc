import { type FilterError, literalOf } from './filters.ts';

/** One `tags=name=value`; a null value is written `name=%00` (A.5). */
export interface TagFilter {
  readonly name: string;
  readonly value: string | null;
}

const MAX_TAGS = 5;

/** Repeated parameters are ANDed, at most five; only the first unescaped `=` separates (A.5). */
export function parseTagFilters(texts: readonly string[]): readonly TagFilter[] | FilterError {
  if (texts.length > MAX_TAGS) return { error: 'Too many values. Maximum supported is 5' };
  const filters: TagFilter[] = [];
  for (const text of texts) {
    const filter = parseOne(text);
    if (!filter) return { error: 'Invalid character' };
    filters.push(filter);
  }
  return filters;
}

export function matchesTags(
  filters: readonly TagFilter[],
  tags: Readonly<Record<string, string | null>>,
): boolean {
  return filters.every(({ name, value }) => Object.hasOwn(tags, name) && tags[name] === value);
}

function parseOne(text: string): TagFilter | undefined {
  const at = firstUnescapedEquals(text);
  const name = literalOf(at < 0 ? text : text.slice(0, at), '*,=');
  const rest = at < 0 ? '' : text.slice(at + 1);
  const value = rest === '\0' ? null : literalOf(rest, '*,=');
  return name === undefined || name === '' || value === undefined ? undefined : { name, value };
}

function firstUnescapedEquals(text: string): number {
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '=') return at;
  }
  return -1;
}
