import { type Schema, type SchemaDraft, Validator } from '@cfworker/json-schema';
import { MOST_VIOLATIONS, type SchemaOutcome } from '../../ports/schemas.ts';
import { violationsOf } from './violations.ts';

/**
 * One check, without any bound: `worker.ts` runs it where it can be stopped.
 *
 * Guarantees: no text of the schema's or the library's errors is passed on, since those quote values.
 */
export function check(schemaText: string, contentText: string): SchemaOutcome {
  const schema = parse(schemaText);
  if (!isSchema(schema)) return unusable('it is not the JSON text of an object or of true or false');
  const draft = draftOf(schema);
  if (draft === undefined)
    return unusable('its $schema is none of JSON Schema 2020-12, 2019-09, draft-07 and draft-04');
  // The library would take it for no rule at all.
  if (schemaText.includes('"$dynamicRef"')) return unusable('it uses $dynamicRef, which is not supported');
  const content: unknown = JSON.parse(contentText);
  try {
    const { valid, errors } = new Validator(schema as Schema, draft, false).validate(content);
    if (valid) return { kind: 'fits' };
    return { kind: 'breaks', violations: violationsOf(errors, schema, content).slice(0, MOST_VIOLATIONS) };
  } catch (error) {
    return unusable(problemOf(error));
  }
}

const unusable = (problem: string): SchemaOutcome => ({ kind: 'unusable', problem });

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isSchema = (value: unknown): value is object | boolean =>
  typeof value === 'boolean' || (typeof value === 'object' && value !== null && !Array.isArray(value));

const DRAFTS: readonly (readonly [mark: string, draft: SchemaDraft])[] = [
  ['2020-12', '2020-12'],
  ['2019-09', '2019-09'],
  ['draft-07', '7'],
  ['draft-04', '4'],
];

/** By `$schema`; without one the newest. */
function draftOf(schema: object | boolean): SchemaDraft | undefined {
  const named: unknown = Reflect.get(Object(schema), '$schema');
  if (named === undefined) return '2020-12';
  return DRAFTS.find(([mark]) => typeof named === 'string' && named.includes(mark))?.[1];
}

/** What the library throws, in our words. */
function problemOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'a pattern in it is no regular expression';
  if (error instanceof RangeError) return 'it refers to itself without end, or is nested too deeply';
  return 'a $ref or $id in it leads nowhere: only references within the schema are followed';
}
