import { CONDITIONS, type ConditionType } from '../../src/api/conditions.ts';
import { BOUNDS } from '../../src/api/defaults.ts';
import { API_VERSION, KIND } from '../../src/api/names.ts';
import { bindingSchema, specSchema, statusSchema } from '../../src/api/schema.ts';
import type { GeneratedFile } from './files.ts';
import { type JsonSchema, toJsonSchema } from './json-schema.ts';
import { cell, page, table } from './markdown.ts';

const CONDITION_MEANING: Readonly<Record<ConditionType, string>> = {
  Ready: 'Settings were read, references resolved and targets written.',
  SettingsFetched: 'The store answered every selection.',
  SecretsResolved: 'Every Key Vault reference has a value.',
  TargetsApplied: 'The targets hold what was rendered.',
  RolloutsComplete: 'The workloads that use a target run with its current content. Not part of Ready.',
  Reconciling: 'Only while true: the operator is at work, or tries again soon.',
  Stalled: 'Only while true: nothing changes until someone acts; the message says what to do.',
  Stale:
    'Only while true: the store has not been read successfully for five intervals and at least ten minutes.',
  Warning: 'Only while true: it works and needs a look.',
};

/** docs/reference/appconfigbinding.md: every field of spec and status, and the conditions. */
export function bindingPage(): readonly GeneratedFile[] {
  const { description = '' } = toJsonSchema(bindingSchema);
  const sections = [
    `# ${KIND}`,
    description,
    `\`apiVersion: ${API_VERSION}\`, \`kind: ${KIND}\`, short name \`acb\`, namespaced. \`metadata.name\` has at most ${BOUNDS.bindingName} characters. Defaults are applied by the operator and do not appear in stored objects.`,
    '## Spec',
    table(
      ['Field', 'Type', 'Default', 'Bounds', 'Meaning'],
      rows(toJsonSchema(specSchema), 'spec').map(specRow),
    ),
    '## Rules',
    rules(),
    '## Status',
    'Written by the operator, and only when something changed.',
    table(['Field', 'Type', 'Meaning'], rows(toJsonSchema(statusSchema), 'status').map(statusRow)),
    '## Conditions',
    'The reasons are explained in [reasons](reasons.md).',
    table(
      ['Type', 'Meaning when true'],
      CONDITIONS.map((type) => [`\`${type}\``, CONDITION_MEANING[type]]),
    ),
  ];
  return [{ path: 'docs/reference/appconfigbinding.md', content: page(sections) }];
}

interface Row {
  readonly path: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** Every field below `schema`, depth first, in the order of the schema. */
function rows(schema: JsonSchema, path: string): readonly Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const row = {
      path: `${path}.${name}`,
      schema: member,
      required: schema.required?.includes(name) ?? false,
    };
    const inner = member.items ?? member.additionalProperties;
    const below =
      inner === undefined ? rows(member, row.path) : rows(inner, `${row.path}${member.items ? '[]' : '.*'}`);
    return [row, ...below];
  });
}

function typeOf({ type = '', items, additionalProperties, enum: values }: JsonSchema): string {
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(' or ');
  if (items !== undefined) return `list of ${items.type}s`;
  return additionalProperties === undefined ? type : `map of ${additionalProperties.type}s`;
}

/** How long a text, a list or a map may be. */
function boundsOf({ minLength = 0, maxLength, ...sizes }: JsonSchema): string {
  if (maxLength !== undefined)
    return minLength === maxLength ? `${maxLength} characters` : `${minLength} to ${maxLength} characters`;
  const { minItems, maxItems, minProperties, maxProperties } = sizes;
  const most = maxItems ?? maxProperties;
  return most === undefined ? '' : `${minItems ?? minProperties ?? 0} to ${most} entries`;
}

const withoutDefault = ({ description = '', 'x-fallback': fallback }: JsonSchema): string =>
  fallback === undefined ? description : description.replace(` Default: ${fallback}.`, '');

const specRow = ({ path, schema, required }: Row): readonly string[] => [
  `\`${path}\``,
  typeOf(schema),
  required ? '**required**' : cell(schema['x-fallback'] ?? ''),
  boundsOf(schema),
  cell(withoutDefault(schema)),
];

const statusRow = ({ path, schema }: Row): readonly string[] => [
  `\`${path}\``,
  typeOf(schema),
  cell(schema.description ?? ''),
];

/** What the API server says to an object that breaks a rule between fields or the form of one. */
function rules(): string {
  const spec = toJsonSchema(specSchema);
  const fields = rows(spec, 'spec').flatMap(({ path, schema }) => [
    { path, schema },
    ...(schema.items === undefined ? [] : [{ path: `${path}[]`, schema: schema.items }]),
    ...(schema.additionalProperties === undefined
      ? []
      : [{ path: `${path}.*`, schema: schema.additionalProperties }]),
  ]);
  const lines = [
    { path: KIND, schema: toJsonSchema(bindingSchema) },
    { path: 'spec', schema: spec },
    ...fields,
  ].flatMap(({ path, schema }) =>
    (schema['x-kubernetes-validations'] ?? []).map(({ message }) => `- \`${path}\` ${message}.`),
  );
  return lines.join('\n');
}
