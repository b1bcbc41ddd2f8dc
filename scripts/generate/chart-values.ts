import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { GeneratedFile } from './files.ts';
import { cell, table } from './markdown.ts';

/** The part of JSON Schema that tells about one value. */
interface ValueSchema {
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, ValueSchema>>;
}

const CHART = 'charts/appconfig-operator';
const README = `${CHART}/README.md`;
const ROOT = new URL('../../', import.meta.url);
const BLOCK = /(<!-- values: [^>]*-->\n)[\s\S]*(<!-- \/values -->)/;

/** The chart's README, with its table of values made anew; the prose around it is written by hand. */
export function chartValues(): readonly GeneratedFile[] {
  const schema = JSON.parse(read(`${CHART}/values.schema.json`)) as ValueSchema;
  const text = read(README);
  if (!BLOCK.test(text)) throw new Error(`${README} has no place for the table of values`);
  const lines = table(['Value', 'Default', 'Meaning'], rows('', schema, parse(read(`${CHART}/values.yaml`))));
  return [
    { path: README, content: text.replace(BLOCK, (_, open, close) => `${open}\n${lines}\n\n${close}`) },
  ];
}

const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

/** One row for each leaf; objects whose members are the chart's own are opened. */
function rows(path: string, schema: ValueSchema, fallback: unknown): string[][] {
  if (path !== '' && (schema.properties === undefined || fallback === undefined || path === 'resources'))
    return [[`\`${path}\``, defaultOf(fallback), cell(meaning(schema))]];
  const defaults = fallback as Readonly<Record<string, unknown>>;
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    name === 'global' ? [] : rows(path === '' ? name : `${path}.${name}`, member, defaults[name]),
  );
}

const defaultOf = (value: unknown): string =>
  value === undefined || value === ''
    ? ''
    : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

function meaning({ description = '', enum: choices, minimum, maximum }: ValueSchema): string {
  const range = minimum === undefined || maximum === undefined ? [] : [`From ${minimum} to ${maximum}.`];
  const oneOf =
    choices === undefined ? [] : [`One of ${choices.map((choice) => `\`${choice}\``).join(', ')}.`];
  return [description, ...range, ...oneOf].join(' ');
}
