import { blocked, fail, ok, type Result } from '../failure.ts';
import { writeDocument } from '../formats/document.ts';
import { type FeatureFlag, FLAGS_MEMBER, flagsNode } from '../formats/flags-section.ts';
import { type FileFormat, type Format, isLegalKey, keyRule, type PlainValue } from '../formats/format.ts';
import { layOut } from '../formats/json-node.ts';
import { ordinal, showKey, showKeys } from '../keys.ts';

/**
 * From final keys and values to the data of a target.
 *
 * Guarantees: equal input gives equal bytes; no value is changed silently. Values of type JSON keep the exact
 * text of their numbers; a value that claims to be JSON and is not stays a string.
 * Failure: `blocked` with InvalidKey, HierarchyConflict, UnwritableValue or TargetTooLarge, naming the keys and the
 * remedy. Messages name keys only, never values.
 */

/** Raised with every change of the bytes that equal input gives, so that targets are rendered anew. */
export const RENDERER_VERSION = 3;

export type Data = Readonly<Record<string, string>>;

export interface RenderOptions {
  readonly format: Format;
  /** What happens to keys that the format cannot hold. */
  readonly invalid: 'Fail' | 'Skip';
  /** For messages, such as `ConfigMap orders-config`. */
  readonly target: string;
  /** To be written into the file; absent: not even an empty list of them. */
  readonly flags?: readonly FeatureFlag[];
}

/** The data as text, not yet base64. It fits into one object. */
export function render(values: ReadonlyMap<string, PlainValue>, options: RenderOptions): Result<Data> {
  const { format, invalid, target, flags } = options;
  const illegal = [...values.keys()].filter((key) => !isLegalKey(key, format)).sort(ordinal);
  if (illegal.length > 0 && invalid === 'Fail') return fail(invalidKeys(illegal, format, target));
  const legal = new Map([...values].filter(([key]) => isLegalKey(key, format)));
  const data = format.kind === 'KeyValue' ? ok(entriesOf(legal)) : fileOf(legal, format, flags);
  return data.ok ? checkSize(data.value, withFlags(legal, flags), target) : data;
}

function entriesOf(values: ReadonlyMap<string, PlainValue>): Data {
  const sorted = [...values].sort(([a], [b]) => ordinal(a, b));
  return Object.fromEntries(sorted.map(([key, { value }]) => [key, value ?? '']));
}

function fileOf(
  values: ReadonlyMap<string, PlainValue>,
  format: FileFormat,
  flags: readonly FeatureFlag[] | undefined,
) {
  const text = writeDocument(values, format, flags);
  return text.ok ? ok({ [format.file]: text.value }) : text;
}

/** So that flags count among the biggest. */
const withFlags = (
  values: ReadonlyMap<string, PlainValue>,
  flags: readonly FeatureFlag[] = [],
): ReadonlyMap<string, PlainValue> =>
  flags.length === 0 ? values : new Map([...values, [FLAGS_MEMBER, { value: layOut(flagsNode(flags)) }]]);

/** Keys that `format` cannot hold; at most ten are named. */
export const invalidKeys = (keys: readonly string[], format: Format, target: string) =>
  blocked(
    'InvalidKey',
    `${target} cannot hold ${keys.length === 1 ? 'key' : `${keys.length} keys:`} ${showKeys(keys)}; ${keyRule(format)}: change keys with spec.keys.trimPrefixes or spec.keys.replace, choose another format, select fewer keys, or leave them out with spec.keys.invalid: Skip`,
  );

/** What the API server takes: the sum of the values in bytes; one byte more is answered with 422. */
export const MAX_BYTES = 1024 * 1024;
const BIGGEST = 3;

/** `values` are what `data` (text, not base64) was made from: the biggest of them are named. */
function checkSize(data: Data, values: ReadonlyMap<string, PlainValue>, target: string): Result<Data> {
  const total = Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (total <= MAX_BYTES) return ok(data);
  const biggest = [...values]
    .map(([key, { value }]) => ({ key, bytes: Buffer.byteLength(value ?? '') }))
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
