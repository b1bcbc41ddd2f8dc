import { blocked, fail, ok, type Result } from '../failure.ts';
import { ordinal, showKey, showKeys } from '../keys.ts';
import { contentKind } from '../store/contenttypes.ts';
import { readDotEnv, writeDotEnv, writeDotEnvValue } from './dotenv.ts';
import {
  type FeatureFlag,
  FLAGS_MEMBER,
  flagsNode,
  readTreeText,
  type TreeFormat,
  writeTreeText,
} from './flags-section.ts';
import type { FileFormat, Lookup, PlainValue } from './format.ts';
import { buildTree, type Tree } from './hierarchy.ts';
import { type JsonNode, layOut, parseJson, scalar } from './json-node.ts';
import { readProperties, writeProperties } from './properties.ts';

/**
 * Values as the text of one file, and back. Files with a hierarchy may hold feature flags, too.
 *
 * Guarantees: equal input gives equal bytes, whatever its order. What `readDocument` finds in a text of
 * `writeDocument` equals what was written; its numbers keep their digits.
 * Failure: HierarchyConflict, UnwritableValue; messages name keys, never values.
 */
export function writeDocument(
  values: ReadonlyMap<string, PlainValue>,
  format: FileFormat,
  flags?: readonly FeatureFlag[],
): Result<string> {
  switch (format.kind) {
    case 'Json':
    case 'Yaml':
      return writeTree(values, format, flags);
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
    case 'Yaml':
      return treeLookup(readTreeText(text, format), format.separator);
    case 'Properties':
      return mapLookup(readProperties(text));
    case 'DotEnv':
      return mapLookup(readDotEnv(text));
  }
}

function writeTree(
  values: ReadonlyMap<string, PlainValue>,
  format: TreeFormat,
  flags: readonly FeatureFlag[] | undefined,
): Result<string> {
  const { separator } = format;
  const rival = flags && [...values.keys()].find((key) => firstPart(key, separator) === FLAGS_MEMBER);
  if (rival !== undefined) return fail(flagsConflict(rival));
  const built = buildTree(values, separator);
  if (built.ok) return ok(writeTreeText(withFlags(nodeOf(built.tree), flags), format));
  const [value, child] = built.conflict;
  return fail(
    blocked(
      'HierarchyConflict',
      `key ${showKey(value)} has a value and also children, such as ${showKey(child)}: with separator ${JSON.stringify(separator)} it can be only one of them; remove one key, or the separator`,
    ),
  );
}

const firstPart = (key: string, separator: string | undefined): string =>
  separator === undefined ? key : (key.split(separator, 1)[0] ?? '');

const flagsConflict = (key: string) =>
  blocked(
    'HierarchyConflict',
    `key ${showKey(key)} stands where the feature flags of spec.featureFlags are written, ${FLAGS_MEMBER}: rename it with spec.keys.replace, select fewer keys, or remove spec.featureFlags`,
  );

/** In its place among the members of the root, which are in ordinal order. */
function withFlags(root: JsonNode, flags: readonly FeatureFlag[] | undefined): JsonNode {
  if (flags === undefined || root.kind !== 'object') return root;
  const later = root.members.findIndex(([token]) => ordinal(JSON.parse(token), FLAGS_MEMBER) > 0);
  const at = later < 0 ? root.members.length : later;
  const own = [JSON.stringify(FLAGS_MEMBER), flagsNode(flags)] as const;
  return { kind: 'object', members: root.members.toSpliced(at, 0, own) };
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
