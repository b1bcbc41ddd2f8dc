import type { OutputUnit } from '@cfworker/json-schema';
import type { Violation } from '../../ports/schemas.ts';

/**
 * What a validator found, in words that hold nothing of the content but names of members: what was asked for is taken
 * from the schema, never from the validator's own message.
 */
export function violationsOf(
  errors: readonly OutputUnit[],
  schema: unknown,
  content: unknown,
): readonly Violation[] {
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  const isBelowChoice = ({ keywordLocation }: OutputUnit) =>
    choices.some((choice) => keywordLocation.startsWith(`${choice.keywordLocation}/`));
  const leaves = errors.filter((error) => !CONTAINERS.has(error.keyword) && !isBelowChoice(error));
  const told = (leaves.length > 0 ? leaves : errors.slice(0, 1)).flatMap((error) =>
    describe(error, schema, content),
  );
  const distinct = new Map(told.map((violation) => [JSON.stringify(violation), violation]));
  return [...distinct.values()];
}

/** They only say that something within them is at fault, which is told too. */
const CONTAINERS = new Set([
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'items',
  'prefixItems',
  'additionalItems',
  'unevaluatedItems',
  'allOf',
  'if',
  'dependentSchemas',
  'dependencies',
  '$ref',
  '$recursiveRef',
]);

function describe(error: OutputUnit, schema: unknown, content: unknown): readonly Violation[] {
  const path = segments(error.instanceLocation);
  const asked = follow(schema, segments(error.keywordLocation));
  if (error.keyword === 'required' && Array.isArray(asked)) return missing(path, asked, content);
  return [{ path, problem: problemOf(error.keyword, asked) }];
}

function missing(path: readonly string[], names: readonly unknown[], content: unknown): readonly Violation[] {
  const at = Object(path.reduce<unknown>((node, name) => Reflect.get(Object(node), name), content));
  return names
    .filter((name) => typeof name === 'string' && !Object.hasOwn(at, name))
    .map((name) => ({ path: [...path, String(name)], problem: 'is missing' }));
}

/** What a keyword asks for. Values that a schema lists are not repeated: they may be as long as they like. */
function problemOf(keyword: string, asked: unknown): string {
  const amount = typeof asked === 'number' ? String(asked) : 'so many';
  switch (keyword) {
    case 'false':
      return 'is not allowed';
    case 'type':
      return `must be of type ${words(asked)}`;
    case 'pattern':
      return typeof asked === 'string' ? `must match ${cut(asked)}` : 'must match the pattern';
    case 'format':
      return `must have the format ${words(asked)}`;
    case 'enum':
      return 'must be one of the values that the schema lists';
    case 'const':
      return 'must be the value that the schema names';
    case 'minimum':
      return `must be at least ${amount}`;
    case 'maximum':
      return `must be at most ${amount}`;
    case 'minLength':
      return `must have at least ${amount} characters`;
    case 'maxLength':
      return `must have at most ${amount} characters`;
    case 'anyOf':
    case 'oneOf':
      return `must fit ${keyword === 'oneOf' ? 'exactly ' : ''}one of the alternatives`;
    default:
      return `breaks the rule ${cut(keyword)}`;
  }
}

const LONGEST = 80;
const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

const words = (asked: unknown): string => {
  const named = (Array.isArray(asked) ? asked : [asked]).filter((word) => typeof word === 'string');
  return named.length === 0 ? 'asked for' : cut(named.join(' or '));
};

/** Of a JSON pointer in a fragment, `#/a~1b/%20`. */
function segments(location: string): readonly string[] {
  return location
    .split('/')
    .slice(1)
    .map((part) => decode(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The value of a keyword. A `$ref` into the same schema is followed; undefined where the way cannot be told. */
function follow(schema: unknown, path: readonly string[]): unknown {
  let node = schema;
  for (const name of path) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) return undefined;
    const next: unknown = Reflect.get(node, name);
    const isReference = name === '$ref' && typeof next === 'string';
    node = isReference ? target(schema, next) : next;
  }
  return node;
}

const target = (schema: unknown, reference: string): unknown =>
  reference.startsWith('#')
    ? segments(reference).reduce<unknown>((node, name) => Reflect.get(Object(node), name), schema)
    : undefined;
