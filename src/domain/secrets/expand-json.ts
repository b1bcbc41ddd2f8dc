import { type JsonNode, parseJson } from '../formats/json-node.ts';
import { type KeyRules, mapKey } from '../keys.ts';

/**
 * A secret that holds a JSON object, as several keys.
 *
 * Guarantees: each member becomes the key that a setting of the name `<key><separator><member>` would become; what
 * is nested goes on in the same way, items of arrays by their place from 0. Strings are written as they are, numbers
 * with every digit, null and nothing nested as an empty string, `{}` and `[]`. A name that is there twice means its
 * last member, as JSON.parse has it.
 * Failure: a problem, as the end of a sentence about the secret. Nothing of the value is in it.
 */
export interface Expansion {
  /** The key of the setting, as it is in the store. */
  readonly key: string;
  readonly separator: string;
  /** How keys of the store become keys of the target. */
  readonly rules: KeyRules;
}

/** Which references are expanded: those of these keys (or that begin as one with * at its end). */
export interface PlannedExpansion {
  readonly keys: readonly string[];
  readonly separator: string;
}

/** How the reference of the setting `key` is expanded, if it is. */
export function expansionOf(
  key: string,
  rules: KeyRules,
  planned: PlannedExpansion | undefined,
): Expansion | undefined {
  if (planned === undefined || !planned.keys.some((pattern) => fits(key, pattern))) return undefined;
  return { key, separator: planned.separator, rules };
}

const fits = (key: string, pattern: string): boolean =>
  pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern;

export type Expanded =
  | { readonly ok: true; readonly content: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly problem: string };

export function expandJson(value: string, { key, separator, rules }: Expansion): Expanded {
  const node = parseJson(value);
  if (node?.kind !== 'object') return { ok: false, problem: 'is no JSON object' };
  const content = new Map<string, string>();
  for (const [path, text] of leavesOf(node, key, separator)) {
    const final = mapKey(path, rules);
    if (content.has(final)) return { ok: false, problem: 'has two members that become the same key' };
    content.set(final, text);
  }
  return { ok: true, content };
}

function* leavesOf(node: JsonNode, path: string, separator: string): Generator<readonly [string, string]> {
  for (const [name, child] of childrenOf(node)) {
    const below = `${path}${separator}${name}`;
    if (childrenOf(child).size > 0) yield* leavesOf(child, below, separator);
    else yield [below, textOf(child)];
  }
}

function childrenOf(node: JsonNode): ReadonlyMap<string, JsonNode> {
  if (node.kind === 'scalar') return new Map();
  if (node.kind === 'array') return new Map(node.items.map((item, index) => [String(index), item]));
  return new Map(node.members.map(([token, child]) => [JSON.parse(token), child]));
}

/** Of a node without children. */
function textOf(node: JsonNode): string {
  if (node.kind !== 'scalar') return node.kind === 'array' ? '[]' : '{}';
  if (node.token.startsWith('"')) return JSON.parse(node.token);
  return node.token === 'null' ? '' : node.token;
}
