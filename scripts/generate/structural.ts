import type { JsonSchema } from './json-schema.ts';

/**
 * From what zod gives to a structural schema of Kubernetes.
 *
 * Guarantees: what it returns the API server accepts. Failure: throws on anything else (`anyOf`, `default`,
 * strict objects, missing types), on a field without a description, and on a CEL rule over something without
 * a bound (the API server multiplies its estimated cost by the largest possible size).
 */
const ORDER = [
  'description',
  'type',
  'format',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
  'required',
  'properties',
  'additionalProperties',
  'items',
] as const;

const DROPPED = new Set(['x-fallback', '$schema']);

export function structural(schema: JsonSchema, path: string): JsonSchema {
  check(schema, path);
  const nested = {
    ...(schema.properties && {
      properties: mapValues(schema.properties, (member, name) => structural(member, `${path}.${name}`)),
    }),
    ...(schema.items && { items: structural(schema.items, `${path}[]`) }),
    ...(schema.additionalProperties && {
      additionalProperties: structural(schema.additionalProperties, `${path}.*`),
    }),
  };
  const merged: JsonSchema = { ...schema, ...nested };
  // zod bounds integers by what a double holds exactly, which says nothing to a user.
  const bounded = merged.maximum === Number.MAX_SAFE_INTEGER ? { ...merged, maximum: undefined } : merged;
  const members = ORDER.map((name) => [name, bounded[name]] as const);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

function check(schema: JsonSchema, path: string): void {
  const refuse = (why: string): never => {
    throw new Error(`${path} is not structural: ${why}`);
  };
  const unknown = Object.keys(schema).filter(
    (name) => !DROPPED.has(name) && !ORDER.some((known) => known === name),
  );
  if (unknown.length > 0) refuse(`keyword ${unknown.join(', ')}`);
  if (schema.type === undefined) refuse('no type');
  if (schema.description === undefined) refuse('no description');
  if (schema.properties !== undefined && schema.additionalProperties !== undefined)
    refuse('properties and additionalProperties');
  if (schema.type === 'array' && schema.items === undefined) refuse('an array without items');
  if (schema.type === 'array' && schema['x-kubernetes-list-type'] === undefined)
    refuse('a list without a list type');
  if (schema.type === 'array' && schema.maxItems === undefined && holdsRules(schema.items))
    refuse('CEL under a list without maxItems');
  if (schema.type === 'string' && isRuled(schema) && schema.maxLength === undefined)
    refuse('CEL over a string without maxLength');
}

const isRuled = (schema: JsonSchema): boolean => (schema['x-kubernetes-validations'] ?? []).length > 0;

const holdsRules = (schema: JsonSchema | undefined): boolean =>
  schema !== undefined &&
  (isRuled(schema) ||
    holdsRules(schema.items) ||
    holdsRules(schema.additionalProperties) ||
    Object.values(schema.properties ?? {}).some(holdsRules));

const mapValues = <A, B>(
  record: Readonly<Record<string, A>>,
  map: (value: A, name: string) => B,
): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
