import type { JsonNode } from './json-node.ts';

/** Members of JSON objects. A name that is there twice means its last member, as `JSON.parse` has it. */

type JsonObject = Extract<JsonNode, { kind: 'object' }>;

export const member = (node: JsonNode | undefined, name: string): JsonNode | undefined =>
  node?.kind === 'object' ? node.members.findLast(([token]) => JSON.parse(token) === name)?.[1] : undefined;

/** `object` with `name` set to `value`: in its place, or at the end. */
export function withMember({ members }: JsonObject, name: string, value: JsonNode): JsonObject {
  const isNamed = ([token]: JsonObject['members'][number]) => JSON.parse(token) === name;
  const at = members.findLastIndex(isNamed);
  if (at < 0) return { kind: 'object', members: [...members, [JSON.stringify(name), value]] };
  const changed = members.map((one, index) => (index === at ? ([one[0], value] as const) : one));
  return { kind: 'object', members: changed.filter((one, index) => index === at || !isNamed(one)) };
}

/** The text of a string; undefined for anything else. */
export const textOf = (node: JsonNode | undefined): string | undefined =>
  node?.kind === 'scalar' && node.token.startsWith('"') ? JSON.parse(node.token) : undefined;

/** Levels of objects and arrays. */
export function depthOf(node: JsonNode): number {
  if (node.kind === 'scalar') return 0;
  const children = node.kind === 'array' ? node.items : node.members.map(([, child]) => child);
  return 1 + Math.max(0, ...children.map(depthOf));
}
