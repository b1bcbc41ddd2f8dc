import type { KubernetesObject, ManagedFieldsEntry } from '../../../src/ports/kubernetes.ts';
import { equal, isObject, type JsonObject } from './json.ts';

/** Who writes: every request carries one, as the API server takes it from the user agent. */
export interface Author {
  readonly manager: string;
  readonly subresource?: 'status';
  /** Of a server-side apply: all fields that it names. */
  readonly applied?: JsonObject;
}

/**
 * Notes in `managedFields` which fields `author` changed and when, as an Update; of an Apply, which it named.
 *
 * Coarser than the real thing: a list is one leaf, and a field is taken from its former owner even where the API
 * would share it.
 */
export function trackFields(
  old: KubernetesObject | undefined,
  object: KubernetesObject,
  author: Author,
  time: string,
) {
  const before = old?.metadata.managedFields ?? [];
  if (author.applied !== undefined) {
    const entry = { manager: author.manager, operation: 'Apply', time, fieldsV1: author.applied };
    const others = before.filter((known) => !isOf(known, { ...entry, operation: 'Apply' }));
    return Object.keys(author.applied).length === 0 ? others : [...others, entry];
  }
  const changed = changedFields(bare(old), bare(object));
  const others = before.flatMap((entry) => without(entry, changed, author));
  if (Object.keys(changed).length === 0) return before;
  const own = before.find((entry) => isOf(entry, author));
  const { subresource } = author;
  const entry: ManagedFieldsEntry = {
    manager: author.manager,
    operation: 'Update',
    ...(subresource === undefined ? {} : { subresource }),
    time,
    fieldsV1: union(isObject(own?.fieldsV1) ? own.fieldsV1 : {}, changed),
  };
  return [...others, entry];
}

export const isOf = (
  entry: ManagedFieldsEntry,
  { manager, subresource, operation = 'Update' }: Omit<Author, 'applied'> & { readonly operation?: string },
): boolean => entry.manager === manager && entry.subresource === subresource && entry.operation === operation;

function without(entry: ManagedFieldsEntry, changed: JsonObject, author: Author): ManagedFieldsEntry[] {
  if (isOf(entry, author)) return [];
  const fieldsV1 = subtract(isObject(entry.fieldsV1) ? entry.fieldsV1 : {}, changed);
  return Object.keys(fieldsV1).length === 0 ? [] : [{ ...entry, fieldsV1 }];
}

/** What a user may own: not what the server itself sets. */
export function bare(object: KubernetesObject | undefined): JsonObject {
  if (object === undefined) return {};
  const { annotations, finalizers, labels, ownerReferences } = object.metadata;
  const { apiVersion: _, kind: __, ...rest } = object;
  return JSON.parse(
    JSON.stringify({ ...rest, metadata: { annotations, finalizers, labels, ownerReferences } }),
  );
}

/** `{f:a: {f:b: {}}}` for every leaf that differs. */
function changedFields(old: JsonObject, object: JsonObject): JsonObject {
  const fields: Record<string, JsonObject> = {};
  for (const name of new Set([...Object.keys(old), ...Object.keys(object)])) {
    const [before, after] = [old[name], object[name]];
    if (equal(before ?? null, after ?? null)) continue;
    fields[`f:${name}`] = isObject(after) ? changedFields(isObject(before) ? before : {}, after) : {};
  }
  return fields;
}

function union(a: JsonObject, b: JsonObject): JsonObject {
  const result: Record<string, JsonObject> = {};
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    result[name] = union(member(a, name), member(b, name));
  }
  return result;
}

/** Leaves of `a` that are not in `b`. */
function subtract(a: JsonObject, b: JsonObject): JsonObject {
  const result: Record<string, JsonObject> = {};
  for (const name of Object.keys(a)) {
    const [inner, other] = [member(a, name), b[name]];
    if (!isObject(other)) result[name] = inner;
    else if (Object.keys(inner).length > 0) {
      const rest = subtract(inner, other);
      if (Object.keys(rest).length > 0) result[name] = rest;
    }
  }
  return result;
}

function member(of: JsonObject, name: string): JsonObject {
  const value = of[name];
  return isObject(value) ? value : {};
}
