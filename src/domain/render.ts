import { contentKind } from './contenttypes.ts';
import { blocked, fail, ok, type Result } from './failure.ts';
import { buildTree, type Tree } from './hierarchy.ts';
import { isJson, layOut, newline } from './json-text.ts';
import { isDataKey, ordinal, showKey, showKeys } from './keys.ts';
import type { ConfigMapFormat } from './plan.ts';

/**
 * From final keys and values to the data of a target.
 *
 * Guarantees: equal input gives equal bytes; no value is changed silently. Values of type JSON keep the exact
 * text of their numbers; a value that claims to be JSON and is not stays a string.
 * Failure: `blocked` with InvalidKey, HierarchyConflict or TargetTooLarge, naming the keys and the remedy.
 * Messages name keys only, never values.
 */

/** Raised with every change of the bytes that equal input gives, so that targets are rendered anew. */
export const RENDERER_VERSION = 1;

export interface PlainValue {
  /** null: a stored null, written as an empty string (KeyValue) or as null (Json). */
  readonly value: string | null;
  readonly contentType?: string;
}

export type Data = Readonly<Record<string, string>>;

export function renderConfigMap(
  values: ReadonlyMap<string, PlainValue>,
  format: ConfigMapFormat,
): Result<Data> {
  if (format.kind === 'Json') return renderJson(values, format);
  return keyValue([...values].map(([key, { value }]) => [key, value ?? '']));
}

/** One entry per key; the values are text, not yet base64. */
export const renderSecret = (values: ReadonlyMap<string, string>): Result<Data> => keyValue([...values]);

function keyValue(entries: readonly (readonly [string, string])[]): Result<Data> {
  const sorted = entries.toSorted(([a], [b]) => ordinal(a, b));
  const illegal = sorted.map(([key]) => key).filter((key) => !isDataKey(key));
  return illegal.length === 0 ? ok(Object.fromEntries(sorted)) : fail(invalidKeys(illegal));
}

const invalidKeys = (keys: readonly string[]) =>
  blocked(
    'InvalidKey',
    `${keys.length === 1 ? 'this key is' : 'these keys are'} no legal key of a ConfigMap or Secret (letters, digits, "-", "_", ".", at most 253 characters): ${showKeys(keys)}; cut prefixes with spec.keys.trimPrefixes, select fewer keys, rename them in the store, or write plain values with format Json`,
  );

function renderJson(
  values: ReadonlyMap<string, PlainValue>,
  { file, separator }: Extract<ConfigMapFormat, { kind: 'Json' }>,
): Result<Data> {
  const built = buildTree(values, separator);
  if (!built.ok) {
    const [scalar, child] = built.conflict;
    return fail(
      blocked(
        'HierarchyConflict',
        `key ${showKey(scalar)} has a value and also children, such as ${showKey(child)}: with separator ${JSON.stringify(separator)} it can be only one of them; remove one key, or spec.target.configMap.separator`,
      ),
    );
  }
  return ok({ [file]: `${write(built.tree, 0)}\n` });
}

function write(node: Tree<PlainValue>, level: number): string {
  if (node.kind === 'leaf') return scalar(node.value, level);
  const [open, close] = node.kind === 'array' ? ['[', ']'] : ['{', '}'];
  const inner = newline(level + 1);
  const items =
    node.kind === 'array'
      ? node.items.map((item) => write(item, level + 1))
      : node.members.map(([name, member]) => `${JSON.stringify(name)}: ${write(member, level + 1)}`);
  return items.length === 0
    ? `${open}${close}`
    : `${open}${inner}${items.join(`,${inner}`)}${newline(level)}${close}`;
}

function scalar({ value, contentType }: PlainValue, level: number): string {
  if (value === null) return 'null';
  const embedded = contentKind(contentType) === 'json' && isJson(value);
  return embedded ? layOut(value, level) : JSON.stringify(value);
}

/** What the API server takes: the sum of the values in bytes; one byte more is answered with 422. */
const MAX_BYTES = 1024 * 1024;
const BIGGEST = 3;

/** Whether `data` (text, not base64) fits into one object. The value is its size in bytes. */
export function checkSize(data: Data, target = 'the target'): Result<number> {
  const sizes = Object.entries(data).map(([key, value]) => ({ key, bytes: Buffer.byteLength(value) }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= MAX_BYTES) return ok(total);
  const biggest = sizes
    .toSorted((a, b) => b.bytes - a.bytes || ordinal(a.key, b.key))
    .slice(0, BIGGEST)
    .map(({ key, bytes }) => `${showKey(key)} (${bytes} bytes)`);
  return fail(
    blocked(
      'TargetTooLarge',
      `${target} would hold ${total} bytes, and Kubernetes allows ${MAX_BYTES}; the biggest: ${biggest.join(', ')}; select fewer keys, or split them over several bindings`,
    ),
  );
}
