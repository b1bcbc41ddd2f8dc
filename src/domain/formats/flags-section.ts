import { ordinal } from '../keys.ts';
import { type FileFormat, MAX_FILE_DEPTH } from './format.ts';
import { member, textOf, withMember } from './json-members.ts';
import { type JsonNode, layOut, parseJson } from './json-node.ts';
import { writeYaml } from './yaml.ts';
import { readYaml } from './yaml-reader.ts';

/**
 * The part of a file that holds feature flags: `{"feature_management": {"feature_flags": [...]}}` at its top level,
 * where the feature management libraries look for it.
 *
 * Guarantees: flags stand in ordinal order of their ids; what `replaceFlags` makes of a file is byte for byte what
 * writing that file anew with the same values would give.
 */
export interface FeatureFlag {
  readonly id: string;
  /** As stored, apart from what is added to it. */
  readonly node: JsonNode;
}

export const FLAGS_MEMBER = 'feature_management';
const LIST = 'feature_flags';

/** A format whose files can hold flags. */
export type TreeFormat = Extract<FileFormat, { kind: 'Json' | 'Yaml' }>;

export const isTreeFormat = (format: { readonly kind: string } | undefined): format is TreeFormat =>
  format?.kind === 'Json' || format?.kind === 'Yaml';

/** What the member `feature_management` holds. */
export function flagsNode(flags: readonly FeatureFlag[]): JsonNode {
  const items = flags.toSorted((a, b) => ordinal(a.id, b.id)).map(({ node }) => node);
  return { kind: 'object', members: [[JSON.stringify(LIST), { kind: 'array', items }]] };
}

export const writeTreeText = (node: JsonNode, { kind }: TreeFormat): string =>
  kind === 'Yaml' ? writeYaml(node) : `${layOut(node)}\n`;

export const readTreeText = (text: string, { kind }: TreeFormat): JsonNode | undefined =>
  kind === 'Yaml' ? readYaml(text) : parseJson(text, MAX_FILE_DEPTH);

/** The flags of a file that was written here, by id; none in any other text. */
export function readFlags(text: string, format: TreeFormat): ReadonlyMap<string, FeatureFlag> {
  const list = member(member(readTreeText(text, format), FLAGS_MEMBER), LIST);
  const nodes = list?.kind === 'array' ? list.items : [];
  return new Map(nodes.map((node) => [textOf(member(node, 'id')) ?? '', node] as const).map(byId));
}

const byId = ([id, node]: readonly [string, JsonNode]): [string, FeatureFlag] => [id, { id, node }];

/** A file that was written here, with other flags; undefined for any other text. */
export function replaceFlags(
  text: string,
  format: TreeFormat,
  flags: readonly FeatureFlag[],
): string | undefined {
  const root = readTreeText(text, format);
  if (root?.kind !== 'object' || member(root, FLAGS_MEMBER) === undefined) return undefined;
  return writeTreeText(withMember(root, FLAGS_MEMBER, flagsNode(flags)), format);
}
