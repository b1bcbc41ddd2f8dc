import { blocked, type Failure, fail, ok, type Result, unavailable } from '../failure.ts';
import { firstClauses } from '../first-few.ts';
import { writeDocument } from '../formats/document.ts';
import type { Format, PlainValue } from '../formats/format.ts';
import { showKey } from '../keys.ts';
import type { PlannedTargets } from '../targets/plan-targets.ts';
import type { Entry } from './entry.ts';

/**
 * The gate before the targets: pure decisions about new content.
 *
 * Guarantees: messages name keys and what was asked of them, never a value.
 */

/** The keys that the selection must give and does not: as a setting, a reference, or within a secret's JSON. */
export function missingKeys(
  entries: ReadonlyMap<string, Entry>,
  secrets: ReadonlyMap<string, string>,
  requiredKeys: readonly string[],
): Failure | undefined {
  const missing = requiredKeys.filter((key) => !entries.has(key) && !secrets.has(key));
  if (missing.length === 0) return undefined;
  return notWritten(missing.map((key) => `key ${showKey(key)} is missing`));
}

/**
 * What a schema sees: one JSON object of all keys, as a file of format Json would hold them.
 * Failure: HierarchyConflict.
 */
export function contentOf(
  entries: ReadonlyMap<string, Entry>,
  secrets: ReadonlyMap<string, string>,
  targets: PlannedTargets,
): Result<string> {
  const values = new Map<string, PlainValue>();
  for (const [key, entry] of entries) if (entry.kind === 'value') values.set(key, entry);
  for (const [key, value] of secrets) values.set(key, { value });
  const separator = separatorOf(targets);
  const format = { kind: 'Json', file: '', ...(separator === undefined ? {} : { separator }) } as const;
  return writeDocument(values, format);
}

/** Of the ConfigMap, else of the Secret. */
export function separatorOf({ configMap, secret }: PlannedTargets): string | undefined {
  const of = (format: Format | undefined) =>
    format?.kind === 'Json' || format?.kind === 'Yaml' ? format.separator : undefined;
  return of(configMap?.format) ?? of(secret?.format);
}

interface Violation {
  readonly path: readonly string[];
  readonly problem: string;
}

/** `separator` joins the names of a hierarchy to the key that they come from. */
export function violated(violations: readonly Violation[], separator: string | undefined): Failure {
  const named = violations.map(({ path, problem }) =>
    path.length === 0 ? `the content ${problem}` : `key ${showKey(path.join(separator ?? '/'))} ${problem}`,
  );
  return notWritten(named.length === 0 ? ['the content breaks the schema'] : named);
}

const SHOWN = 5;

function notWritten(problems: readonly string[]): Failure {
  return blocked(
    'ValidationFailed',
    `new content is not written, spec.validate refuses it: ${firstClauses(problems, SHOWN)}; correct it in the store, or correct spec.validate`,
  );
}

/** What a ConfigMap may hold of a schema, in bytes. */
export const MAX_SCHEMA_BYTES = 256 * 1024;

/** The schema within a ConfigMap. */
export function schemaIn(
  data: Readonly<Record<string, string>> | undefined,
  { name, key }: { readonly name: string; readonly key: string },
): Result<string> {
  const text = data !== undefined && Object.hasOwn(data, key) ? data[key] : undefined;
  if (text === undefined)
    return fail(
      blocked(
        'SchemaNotFound',
        `ConfigMap ${name} has no key ${showKey(key)}: put the schema there, or correct spec.validate.schema.configMap`,
      ),
    );
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_SCHEMA_BYTES) return ok(text);
  return fail(unusable(`it has ${bytes} bytes, and at most ${MAX_SCHEMA_BYTES} are read`));
}

export const unusable = (problem: string, retryAfterMs?: number): Failure =>
  blocked(
    'SchemaUnusable',
    `the schema of spec.validate cannot be used: ${problem}; nothing is written until it is corrected`,
    retryAfterMs,
  );

/** Neither schema nor content is at fault: the next refresh tries again. */
export const unchecked = (problem: string): Failure =>
  unavailable(
    'SchemaUnusable',
    `new content could not be checked against the schema of spec.validate: ${problem}; nothing is written until it is checked`,
  );
