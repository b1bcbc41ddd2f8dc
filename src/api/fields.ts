import * as z from 'zod';
import { BOUNDS } from './defaults.ts';
import { DURATION_PATTERN, durationNanos } from './durations.ts';
import { annotate, type Field, type Rule, ruled } from './rules.ts';

/** Building blocks of the schema: scalars whose bounds mean the same to zod and to the API server. */

/** A rule that a string matches `pattern`, which must lie in the common subset of RE2 and JavaScript. */
export const matches = (pattern: string, message: string): Rule<string> => {
  const expression = new RegExp(pattern);
  return { cel: `self.matches(r'${pattern}')`, message, holds: (value) => expression.test(value) };
};

// The API server counts code points; `String.length` counts UTF-16 units.
const lengthRule = (min: number, max: number): ((value: string) => string | undefined) => {
  return (value) => {
    if (value === '' && min > 0) return 'must not be empty';
    const length = [...value].length;
    return length > max ? `may not be longer than ${max} characters, it has ${length}` : undefined;
  };
};

/** A string of `min` to `max` code points that obeys `rules`. */
function bounded(field: Field, min: 0 | 1, max: number, rules: readonly Rule<string>[]): z.ZodString {
  const lengthProblem = lengthRule(min, max);
  const checked = z.string().superRefine((value, context) => {
    const message = lengthProblem(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
  return ruled(checked, rules, field, { ...(min > 0 ? { minLength: min } : {}), maxLength: max });
}

/** A string of 1 to `max` code points that obeys `rules`. */
export const text = (field: Field, max: number, ...rules: readonly Rule<string>[]): z.ZodString =>
  bounded(field, 1, max, rules);

/** The same, or an empty string. */
export const anyText = (field: Field, max: number, ...rules: readonly Rule<string>[]): z.ZodString =>
  bounded(field, 0, max, rules);

/** A map of 1 to `entries` strings. Names have 1 to `max` code points, values at most that many; a value may be empty. */
export function textMap(field: Field, entries: number, max: number): z.ZodRecord<z.ZodString, z.ZodString> {
  const value = z
    .string()
    .refine((text) => [...text].length <= max, `may not be longer than ${max} characters`)
    .meta(annotate({ description: 'A value.' }, { maxLength: max }));
  const named: Rule<Readonly<Record<string, string>>> = {
    cel: `self.all(name, size(name) > 0 && size(name) <= ${max})`,
    message: `names must have 1 to ${max} characters`,
    holds: (map) => Object.keys(map).every((name) => name !== '' && [...name].length <= max),
  };
  const counted = z.record(z.string(), value).refine((map) => {
    const { length } = Object.keys(map);
    return length > 0 && length <= entries;
  }, `must have 1 to ${entries} entries`);
  return ruled(counted, [named], field, { minProperties: 1, maxProperties: entries });
}

/** A DNS subdomain, as names of objects are. */
export const OBJECT_NAME_PATTERN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';

/** The name of a Kubernetes object: a DNS subdomain. */
export const objectName = (field: Field): z.ZodString =>
  text(
    field,
    BOUNDS.objectName,
    matches(
      OBJECT_NAME_PATTERN,
      'must be the name of a Kubernetes object: lower case letters, digits, "-" and ".", starting and ending with a letter or digit',
    ),
  );

export const GUID_PATTERN = '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';

export const guid = (field: Field): z.ZodString =>
  text(field, 36, matches(GUID_PATTERN, 'must be a GUID such as 00000000-0000-0000-0000-000000000000'));

const NO_CONTROL = String.raw`^[^\x00-\x1f\x7f]*$`;

/** Control characters occur in no key or label of a store. */
export const printable = matches(NO_CONTROL, 'must not contain control characters');

const nanosOf = (bound: string): bigint => durationNanos(bound) ?? 0n;

// One rule, not three: `duration()` of a malformed text is an error of CEL that would hide the message.
const durationRule = (min: string, max: string): Rule<string> => ({
  cel: `self.matches(r'${DURATION_PATTERN}') && duration(self) >= duration('${min}') && duration(self) <= duration('${max}')`,
  message: `must be a duration such as 90s or 1h30m (units h, m, s, ms), at least ${min} and at most ${max}`,
  holds: (value) => {
    const nanos = durationNanos(value);
    return nanos !== undefined && nanos >= nanosOf(min) && nanos <= nanosOf(max);
  },
});

/** A Go duration from `min` to `BOUNDS.intervalMax`. */
export const duration = (field: Field, min: string): z.ZodString =>
  text(
    { ...field, description: `${field.description} At least ${min}, at most ${BOUNDS.intervalMax}.` },
    BOUNDS.duration,
    durationRule(min, BOUNDS.intervalMax),
  );

/** A whole number from `min` to `max`. */
export const amount = (field: Field, min: number, max: number): z.ZodInt =>
  z
    .int()
    .min(min)
    .max(max)
    .meta(
      annotate({ ...field, description: `${field.description} From ${min} to ${max}.` }, { format: 'int64' }),
    );

export const flag = (field: Field): z.ZodBoolean => z.boolean().meta(annotate(field));

export const choice = <const T extends readonly [string, ...string[]]>(field: Field, values: T) =>
  z.enum(values).meta(annotate(field));

/** A list that is replaced as a whole by server-side apply, since its order has a meaning. */
export function list<S extends z.ZodType>(
  field: Field,
  items: S,
  max: number,
  min: 0 | 1 = 1,
): z.ZodArray<S> {
  const bounds = { ...(min > 0 ? { minItems: min } : {}), maxItems: max };
  return z
    .array(items)
    .min(min)
    .max(max)
    .meta(annotate(field, { ...bounds, 'x-kubernetes-list-type': 'atomic' }));
}
