import type { JsonNode } from './json-node.ts';

/**
 * YAML in block style that readers of YAML 1.1 and 1.2 read alike.
 *
 * Guarantees: every string is double-quoted, so that `no`, `1` and `12:30` stay strings; every number is one to both
 * versions and keeps its digits; nothing needs more of YAML than mappings, sequences and these scalars. Keys are
 * bare where no version could mistake them. `readYaml` reads back what this writes.
 */
export const writeYaml = (node: JsonNode): string => `${block(node, 0).join('\n')}\n`;

/** The lines of `node`, indented by `level`. A scalar or an empty collection is one line. */
function block(node: JsonNode, level: number): readonly string[] {
  const indent = '  '.repeat(level);
  if (node.kind === 'array' && node.items.length > 0) {
    return node.items.flatMap((item) => hung(block(item, level + 1), `${indent}- `));
  }
  if (node.kind === 'object' && node.members.length > 0) {
    return lastOfEach(node.members).flatMap(([name, member]) => entry(keyOf(name), member, level));
  }
  return [`${indent}${inline(node)}`];
}

/** The first line starts with `dash` instead of its indentation, which is as wide. */
const hung = ([first = '', ...rest]: readonly string[], dash: string): readonly string[] => [
  `${dash}${first.slice(dash.length)}`,
  ...rest,
];

// A key must end within 1024 characters (YAML 1.2, 7.4) unless it is announced.
const MAX_KEY = 1000;

function entry(key: string, member: JsonNode, level: number): readonly string[] {
  const indent = '  '.repeat(level);
  const head = key.length > MAX_KEY ? [`${indent}? ${key}`, `${indent}:`] : [`${indent}${key}:`];
  if (isInline(member)) return [...head.slice(0, -1), `${head.at(-1)} ${inline(member)}`];
  return [...head, ...block(member, level + 1)];
}

const isInline = (node: JsonNode): boolean =>
  node.kind === 'scalar' || (node.kind === 'array' ? node.items : node.members).length === 0;

function inline(node: JsonNode): string {
  if (node.kind === 'array') return '[]';
  if (node.kind === 'object') return '{}';
  return node.token.startsWith('"') ? quoted(JSON.parse(node.token)) : number(node.token);
}

/** JSON may name a member twice, YAML may not: the last counts, as `JSON.parse` has it. */
const lastOfEach = (members: Extract<JsonNode, { kind: 'object' }>['members']) => [
  ...new Map(members.map(([name, member]) => [String(JSON.parse(name)), member] as const)),
];

const BARE = /^[A-Za-z][A-Za-z0-9_-]*$/;
/** Words that YAML 1.1 takes for null or a boolean, in any case; `e5` and `e-5` some of its readers for numbers. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null|e-?[0-9_]+)$/i;

const keyOf = (name: string): string => (BARE.test(name) && !WORDS.test(name) ? name : quoted(name));

// What YAML 1.1 does not call printable, and its own line breaks. JSON.stringify sees to the rest.
const UNPRINTABLE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Escapes that JSON and YAML share: no `\/`, and characters beyond U+FFFF as they are, not as two escapes. */
const quoted = (text: string): string =>
  JSON.stringify(text).replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const EXPONENT = /^(-?\d+)(\.\d+)?[eE]([-+]?)(\d+)$/;

/** YAML 1.1 takes `1e5` for a string: it wants a point and a sign. null, true and false are left as they are. */
const number = (token: string): string =>
  token.replace(
    EXPONENT,
    (_, whole: string, fraction: string | undefined, sign: string, digits: string) =>
      `${whole}${fraction ?? '.0'}e${sign || '+'}${digits}`,
  );
