import { ordinal } from '../keys.ts';

/**
 * Flat keys as a tree, split at a separator.
 *
 * Guarantees: members are in ordinal order; a node below the root whose children are named exactly 0 to n-1 is
 * an array in that order. The root is always an object.
 * Failure: a key that has a value and children at the same time is a conflict; nothing is dropped.
 */
export type Tree<V> =
  | { readonly kind: 'leaf'; readonly value: V }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Tree<V>])[] }
  | { readonly kind: 'array'; readonly items: readonly Tree<V>[] };

export type BuiltTree<V> =
  | { readonly ok: true; readonly tree: Tree<V> }
  /** A key with a value, and one of the keys below it. */
  | { readonly ok: false; readonly conflict: readonly [string, string] };

/** A node under construction; `key` is the flat key that gave `value` (a leaf) or first passed through (a branch). */
type Draft<V> =
  | { readonly kind: 'leaf'; readonly key: string; readonly value: V }
  | { readonly kind: 'branch'; readonly key: string; readonly children: Map<string, Draft<V>> };

/** Without a separator the tree is one flat object. */
export function buildTree<V>(values: ReadonlyMap<string, V>, separator?: string): BuiltTree<V> {
  const root = new Map<string, Draft<V>>();
  for (const [key, value] of values) {
    const segments = separator === undefined ? [key] : key.split(separator);
    const conflict = insert(root, segments, key, value);
    if (conflict !== undefined) return { ok: false, conflict };
  }
  return { ok: true, tree: { kind: 'object', members: membersOf(root) } };
}

function insert<V>(
  root: Map<string, Draft<V>>,
  segments: readonly string[],
  key: string,
  value: V,
): readonly [string, string] | undefined {
  let children = root;
  for (const segment of segments.slice(0, -1)) {
    const next: Draft<V> = children.get(segment) ?? { kind: 'branch', key, children: new Map() };
    if (next.kind === 'leaf') return [next.key, key];
    children.set(segment, next);
    children = next.children;
  }
  const last = segments.at(-1) ?? '';
  const existing = children.get(last);
  if (existing !== undefined) return [key, existing.key];
  children.set(last, { kind: 'leaf', key, value });
  return undefined;
}

const membersOf = <V>(children: ReadonlyMap<string, Draft<V>>): readonly (readonly [string, Tree<V>])[] =>
  [...children].sort(([a], [b]) => ordinal(a, b)).map(([name, draft]) => [name, finish(draft)]);

function finish<V>(draft: Draft<V>): Tree<V> {
  if (draft.kind === 'leaf') return { kind: 'leaf', value: draft.value };
  return arrayOf(draft.children) ?? { kind: 'object', members: membersOf(draft.children) };
}

function arrayOf<V>(children: ReadonlyMap<string, Draft<V>>): Tree<V> | undefined {
  const items: Tree<V>[] = [];
  for (let index = 0; index < children.size; index += 1) {
    const item = children.get(String(index));
    if (item === undefined) return undefined;
    items.push(finish(item));
  }
  return { kind: 'array', items };
}
