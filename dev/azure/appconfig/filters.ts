/**
 * The filter grammar of list calls: `key`, `label` on /kv and `name` on /keys and /labels (A.5).
 *
 * The order of decisions is the service's: any, no label, list, prefix, exact.
 * Failure: a reserved character left over, or a sixth list member, is an error text for the 400 body.
 */
export type Filter =
  | { readonly kind: 'any' }
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'values'; readonly values: ReadonlySet<string | null> };

export interface FilterError {
  readonly error: string;
}

const NO_LABEL = '\0';
const MAX_MEMBERS = 5;
const INVALID: FilterError = { error: 'Invalid character' };

export function parseFilter(text: string | undefined): Filter | FilterError {
  if (text === undefined || text === '' || text.startsWith('*')) return { kind: 'any' };
  if (text === NO_LABEL) return { kind: 'values', values: new Set([null]) };
  const members = splitUnescaped(text, ',');
  if (members.length > 1) return parseList(members);
  if (endsWithWildcard(text)) {
    const prefix = literalOf(text.slice(0, -1));
    return prefix === undefined ? INVALID : { kind: 'prefix', prefix };
  }
  return parseList([text]);
}

export function matches(filter: Filter, value: string | null): boolean {
  switch (filter.kind) {
    case 'any':
      return true;
    case 'prefix':
      return value?.startsWith(filter.prefix) ?? false;
    case 'values':
      return filter.values.has(value);
  }
}

export function isFilterError(filter: object): filter is FilterError {
  return 'error' in filter;
}

function parseList(members: readonly string[]): Filter | FilterError {
  if (members.length > MAX_MEMBERS) return { error: 'Too many values. Maximum supported is 5' };
  const values = new Set<string | null>();
  for (const member of members) {
    const literal = member === NO_LABEL ? null : literalOf(member);
    if (literal === undefined) return INVALID;
    values.add(literal);
  }
  return { kind: 'values', values };
}

/** Splits at a character that no backslash precedes; members keep their escapes. */
export function splitUnescaped(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** Removes escapes; undefined when an unescaped reserved character is left. A trailing lone `\` vanishes. */
export function literalOf(text: string, reserved = '*,'): string | undefined {
  let literal = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '\\') {
      at += 1;
      literal += text[at] ?? '';
    } else if (reserved.includes(character)) return undefined;
    else literal += character;
  }
  return literal;
}

function endsWithWildcard(text: string): boolean {
  if (!text.endsWith('*')) return false;
  const backslashes = /\\*$/.exec(text.slice(0, -1))?.[0].length ?? 0;
  return backslashes % 2 === 0;
}
