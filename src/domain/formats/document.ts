import { contentKind } from '../contenttypes.ts';
import { blocked, fail, ok, type Result } from '../failure.ts';
import { ordinal, showKey, showKeys } from '../keys.ts';
import { readDotEnv, writeDotEnv, writeDotEnvValue } from './dotenv.ts';
import type { FileFormat, Lookup, PlainValue } from './format.ts';
import { buildTree, type Tree } from './hierarchy.ts';
import { type JsonNode, layOut, parseJson, scalar } from './json-node.ts';
import { readProperties, writeProperties } from './properties.ts';
import { writeYaml } from './yaml.ts';
import { readYaml } from './yaml-reader.ts';

/**
 * Values as the text of one file, and back.
 *
 * Guarantees: equal input gives equal bytes, whatever its order. What `readDocument` finds in a text of
 * `writeDocument` equals what was written; its numbers keep their digits.
 * Failure: HierarchyConflict, UnwritableValue; messages name keys, never values.
 */
export function writeDocument(values: ReadonlyMap<string, PlainValue>, format: FileFormat): Result<string> {
  switch (format.kind) {
    case 'Json':
    case 'Yaml':
      return writeTree(values, format);
    case 'Properties':
      return ok(writeProperties(texts(values)));
    case 'DotEnv': {
      const unwritable = texts(values).filter(([, value]) => writeDotEnvValue(value) === undefined);
      return unwritable.length === 0 ? ok(writeDotEnv(texts(values))) : fail(unwritableValues(unwritable));
    }
  }
}

/** Finds the values in a text of `writeDocument`; in any other text, perhaps none. */
export function readDocument(text: string, format: FileFormat): Lookup {
  switch (format.kind) {
    case 'Json':
      return treeLookup(parseJson(text), format.separator);
    case 'Yaml':
      return treeLookup(readYaml(text), format.separator);
    case 'Properties':
      return mapLookup(readProperties(text));
    case 'DotEnv':
      return mapLookup(readDotEnv(text));
  }
}

type Tiered = Extract<FileFormat, { kind: 'Json' | 'Yaml' }>;

function writeTree(values: ReadonlyMap<string, PlainValue>, { kind, separator }: Tiered): Result<string> {
  const built = buildTree(values, separator);
  if (built.ok) {
    const node = nodeOf(built.tree);
    return ok(kind === 'Yaml' ? writeYaml(node) : `${layOut(node)}\n`);
  }
  const [value, child] = built.conflict;
  return fail(
    blocked(
      'HierarchyConflict',
      `key ${showKey(value)} has a value and also children, such as ${showKey(child)}: with separator ${JSON.stringify(separator)} it can be only one of them; remove one key, or the separator`,
    ),
  );
}

function nodeOf(tree: Tree<PlainValue>): JsonNode {
  if (tree.kind === 'array') return { kind: 'array', items: tree.items.map(nodeOf) };
  if (tree.kind === 'object') {
    const members = tree.members.map(([name, member]) => [JSON.stringify(name), nodeOf(member)] as const);
    return { kind: 'object', members };
  }
  const { value, contentType } = tree.value;
  const embedded = value !== null && contentKind(contentType) === 'json' ? parseJson(value) : undefined;
  return embedded ?? scalar(value);
}

/** In ordinal order; a stored null is an empty text. */
const texts = (values: ReadonlyMap<string, PlainValue>): readonly (readonly [string, string])[] =>
  [...values].sort(([a], [b]) => ordinal(a, b)).map(([key, { value }]) => [key, value ?? ''] as const);

const unwritableValues = (entries: readonly (readonly [string, string])[]) =>
  blocked(
    'UnwritableValue',
    `the readers of DotEnv files do not agree on how to write the ${entries.length === 1 ? 'value' : 'values'} of ${showKeys(entries.map(([key]) => key))}: several lines, quotes of both kinds, # or backslashes in one value; use another format, or change the value`,
  );

const mapLookup =
  (entries: ReadonlyMap<string, string>): Lookup =>
  (key) => {
    const value = entries.get(key);
    return value === undefined ? undefined : { value };
  };

function treeLookup(root: JsonNode | undefined, separator: string | undefined): Lookup {
  const members = new Map<JsonNode, ReadonlyMap<string, JsonNode>>();
  const memberOf = (node: JsonNode | undefined, name: string): JsonNode | undefined => {
    if (node === undefined || node.kind === 'scalar') return undefined;
    const known = members.get(node) ?? membersOf(node);
    members.set(node, known);
    return known.get(name);
  };
  return (key) => {
    const path = separator === undefined ? [key] : key.split(separator);
    const found = path.reduce(memberOf, root);
    return found === undefined ? undefined : plainOf(found);
  };
}

const membersOf = (node: Exclude<JsonNode, { kind: 'scalar' }>): ReadonlyMap<string, JsonNode> =>
  node.kind === 'array'
    ? new Map(node.items.map((item, index) => [String(index), item]))
    : new Map(node.members.map(([token, member]) => [JSON.parse(token), member]));

function plainOf(node: JsonNode): PlainValue {
  if (node.kind === 'scalar' && node.token === 'null') return { value: null };
  if (node.kind === 'scalar' && node.token.startsWith('"')) return { value: JSON.parse(node.token) };
  return { value: layOut(node), contentType: 'application/json' };
}
