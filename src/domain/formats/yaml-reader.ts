import { type JsonNode, parseJson } from './json-node.ts';

/**
 * Reads what `writeYaml` wrote, and nothing else: this is no YAML parser. Undefined where it meets something that
 * it would not have written, such as an edit by hand.
 */
export function readYaml(text: string): JsonNode | undefined {
  try {
    const lines = new Lines(text.split('\n').slice(0, -1).flatMap(partsOf));
    const node = lines.node(0);
    return lines.done ? node : undefined;
  } catch {
    return undefined;
  }
}

/** A dash, an announced key, a key with or without a value, or a value alone. */
interface Part {
  readonly indent: number;
  readonly kind: 'dash' | 'announced' | 'key' | 'value';
  readonly key?: string;
  readonly value?: string;
}

const STEP = 2;
// A quoted or bare key, its colon, its value if there is one.
const MEMBER = /^("(?:[^"\\]|\\.)*"|[A-Za-z][\w-]*)?:(?: (.+))?$/;

/** `- - a: 1` holds four parts, each indented more than the one before. */
function partsOf(line: string): readonly Part[] {
  const parts: Part[] = [];
  let indent = line.length - line.trimStart().length;
  let rest = line.slice(indent);
  while (rest.startsWith('- ')) {
    parts.push({ indent, kind: 'dash' });
    indent += STEP;
    rest = rest.slice(STEP);
  }
  return [...parts, partOf(rest, indent)];
}

function partOf(rest: string, indent: number): Part {
  if (rest.startsWith('? ')) return { indent, kind: 'announced', key: rest.slice(STEP) };
  const member = MEMBER.exec(rest);
  if (member === null) return { indent, kind: 'value', value: rest };
  const [, key, value] = member;
  return {
    indent,
    kind: 'key',
    ...(key === undefined ? {} : { key: key.startsWith('"') ? key : JSON.stringify(key) }),
    ...(value === undefined ? {} : { value }),
  };
}

class Lines {
  readonly #parts: readonly Part[];
  #at = 0;

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  get done(): boolean {
    return this.#at === this.#parts.length;
  }

  /** The node whose parts are indented by `indent`. */
  node(indent: number): JsonNode {
    const part = this.#parts[this.#at];
    if (part?.indent !== indent) throw new SyntaxError('an indentation that was not written here');
    if (part.kind === 'dash') return { kind: 'array', items: this.#items(indent) };
    if (part.kind === 'value') {
      this.#at += 1;
      return leaf(part.value);
    }
    return { kind: 'object', members: this.#members(indent) };
  }

  #items(indent: number): JsonNode[] {
    const items: JsonNode[] = [];
    while (this.#is(indent, 'dash')) {
      this.#at += 1;
      items.push(this.node(indent + STEP));
    }
    return items;
  }

  #members(indent: number): [string, JsonNode][] {
    const members: [string, JsonNode][] = [];
    while (this.#is(indent, 'announced') || this.#is(indent, 'key')) {
      let part = this.#take();
      const announced = part?.kind === 'announced' ? part.key : undefined;
      if (announced !== undefined) part = this.#take();
      const key = announced ?? part?.key;
      if (key === undefined) throw new SyntaxError('a value without a key');
      members.push([key, part?.value === undefined ? this.node(indent + STEP) : leaf(part.value)]);
    }
    return members;
  }

  #is(indent: number, kind: Part['kind']): boolean {
    const part = this.#parts[this.#at];
    return part?.indent === indent && part.kind === kind;
  }

  #take(): Part | undefined {
    this.#at += 1;
    return this.#parts[this.#at - 1];
  }
}

/** Scalars and empty collections are written as JSON has them. */
function leaf(text: string | undefined): JsonNode {
  const node = parseJson(text ?? '');
  if (node === undefined) throw new SyntaxError('no value that was written here');
  return node;
}
