import type { KubernetesObject, ManagedFieldsEntry } from '../../../src/ports/kubernetes.ts';
import { copy, equal, isObject, type Json, type JsonObject } from './json.ts';
import { bare, isOf } from './managed-fields.ts';

/**
 * Server-side apply, as far as ConfigMaps and Secrets go: fields are members of maps; a list is one field.
 *
 * What the manager applied before and does not apply now goes, unless somebody else holds it. A field that somebody
 * else holds with another value is a conflict; with the same value it is held by both.
 */
export type Application =
  | { readonly kind: 'merged'; readonly object: KubernetesObject; readonly fields: JsonObject }
  | { readonly kind: 'conflict' /** `.data.color` */; readonly fields: readonly string[] };

type Path = readonly string[];

export function applyTo(old: KubernetesObject, wanted: KubernetesObject, manager: string): Application {
  const entries = old.metadata.managedFields ?? [];
  const author = { manager, operation: 'Apply' } as const;
  const own = entries.find((entry) => isOf(entry, author));
  const others = entries.filter((entry) => entry !== own);
  const applied = bare(wanted);
  const paths = leavesOf(applied);
  const live: JsonObject = JSON.parse(JSON.stringify(old));
  const isHeld = (path: Path) => others.some(({ fieldsV1 }) => holds(fieldsV1, path));
  const conflicts = paths.filter(
    (path) => isHeld(path) && at(live, path) !== undefined && !equal(at(live, path), at(applied, path)),
  );
  if (conflicts.length > 0)
    return { kind: 'conflict', fields: conflicts.map((path) => `.${path.join('.')}`) };
  const given = new Set(paths.map((path) => JSON.stringify(path)));
  const gone = pathsOf(own).filter((path) => !given.has(JSON.stringify(path)) && !isHeld(path));
  const without = gone.reduce<JsonObject>((object, path) => removed(object, path), live);
  const merged = paths.reduce<JsonObject>(
    (object, path) => put(object, path, at(applied, path) ?? null),
    without,
  );
  return { kind: 'merged', object: copy(merged) as unknown as KubernetesObject, fields: fieldsOf(applied) };
}

/** `{f:a: {f:b: {}}}` for every leaf. */
export const fieldsOf = (object: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(object)
      .filter(([, value]) => !isObject(value) || Object.keys(value).length > 0)
      .map(([name, value]) => [`f:${name}`, isObject(value) ? fieldsOf(value) : {}]),
  );

const leavesOf = (object: JsonObject): readonly Path[] =>
  Object.entries(object).flatMap(([name, value]) =>
    isObject(value) ? leavesOf(value).map((rest) => [name, ...rest]) : [[name]],
  );

const pathsOf = (entry: ManagedFieldsEntry | undefined): readonly Path[] =>
  isObject(entry?.fieldsV1) ? fieldPaths(entry.fieldsV1) : [];

const fieldPaths = (fields: JsonObject): readonly Path[] =>
  Object.entries(fields).flatMap(([name, inner]) => {
    const field = name.replace(/^f:/, '');
    const deeper = isObject(inner) ? fieldPaths(inner) : [];
    return deeper.length === 0 ? [[field]] : deeper.map((rest) => [field, ...rest]);
  });

function holds(fields: unknown, [head, ...rest]: Path): boolean {
  if (head === undefined) return true;
  if (!isObject(fields) || !(`f:${head}` in fields)) return false;
  return holds(fields[`f:${head}`], rest);
}

function at(object: Json | undefined, [head, ...rest]: Path): Json | undefined {
  if (head === undefined) return object;
  return isObject(object) ? at(object[head], rest) : undefined;
}

function put(object: JsonObject, [head = '', ...rest]: Path, value: Json): JsonObject {
  const inner = object[head];
  return { ...object, [head]: rest.length === 0 ? value : put(isObject(inner) ? inner : {}, rest, value) };
}

function removed(object: JsonObject, [head = '', ...rest]: Path): JsonObject {
  const { [head]: inner, ...others } = object;
  return rest.length > 0 && isObject(inner) ? { ...others, [head]: removed(inner, rest) } : others;
}
