import { MAX_DEPTH } from './format.ts';

/**
 * JSON as a tree of its own tokens: numbers keep every digit, members their order and strings their escapes.
 * (`JSON.parse` would turn 12345678901234567890 into 12345678901234567000.)
 */
export type JsonNode =
  /** A string with its quotes, a number, true, false or null, as written. */
  | { readonly kind: 'scalar'; readonly token: string }
  /** Names are string tokens. */
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, JsonNode])[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] };

export const scalar = (value: string | null): JsonNode => ({ kind: 'scalar', token: JSON.stringify(value) });

// A string, a comment (to the end of its line, or a block), punctuation, a word, or anything else. Strings and blocks
// that never end are taken to the end of the text: looking for their end again and again would take for ever.
const TOKENS = /"(?:[^"\\]+|\\.?)*(?:"|$)|\/\/[^\r\n]*|\/\*.*?(?:\*\/|$)|[{}[\],:]|[^ \t\r\n{}[\],:"/]+|./gs;
const SKIPPED = /^(?:[ \t\r\n]|\/\/|\/\*.*\*\/$)/s;

/**
 * Reads JSON (RFC 8259) that may hold comments as JavaScript has them. Undefined for anything else, and for JSON
 * nested deeper than `maxDepth`.
 */
export function parseJson(text: string, maxDepth = MAX_DEPTH): JsonNode | undefined {
  const tokens = (text.match(TOKENS) ?? []).filter((token) => !SKIPPED.test(token));
  if (!isJson(tokens.join(' ')) || depthOf(tokens) > maxDepth) return undefined;
  return new Reader(tokens).node();
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function depthOf(tokens: readonly string[]): number {
  let depth = 0;
  let deepest = 0;
  for (const token of tokens) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** Reads tokens that are known to be JSON. */
class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  node(): JsonNode {
    const token = this.#next();
    if (token === '{') return { kind: 'object', members: this.#list('}', () => this.#member()) };
    if (token === '[') return { kind: 'array', items: this.#list(']', () => this.node()) };
    return { kind: 'scalar', token };
  }

  #member(): readonly [string, JsonNode] {
    const name = this.#next();
    this.#next();
    return [name, this.node()];
  }

  #list<T>(end: string, read: () => T): T[] {
    const list: T[] = [];
    while (this.#tokens[this.#at] !== end) {
      list.push(read());
      if (this.#tokens[this.#at] === ',') this.#at += 1;
    }
    this.#at += 1;
    return list;
  }

  #next(): string {
    const token = this.#tokens[this.#at] ?? '';
    this.#at += 1;
    return token;
  }
}

const STEP = '  ';

/** Two spaces for each level; the first line is not indented, the following ones start `level` levels in. */
export function layOut(node: JsonNode, level = 0): string {
  if (node.kind === 'scalar') return node.token;
  const [open, close] = node.kind === 'array' ? '[]' : '{}';
  const inner = `\n${STEP.repeat(level + 1)}`;
  const items =
    node.kind === 'array'
      ? node.items.map((item) => layOut(item, level + 1))
      : node.members.map(([name, member]) => `${name}: ${layOut(member, level + 1)}`);
  return items.length === 0
    ? `${open}${close}`
    : `${open}${inner}${items.join(`,${inner}`)}\n${STEP.repeat(level)}${close}`;
}
