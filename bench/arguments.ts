import { parseArgs } from 'node:util';

/** Small fits a minute per scenario on two busy cores; full is what docs/benchmarks.md reports. */
export type Size = 'small' | 'full';

/** Another operator, measured in place of ours. Texts may hold the placeholders that `helpText` lists. */
export interface ForeignOperator {
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Applied once, before anything else: CRDs, roles. */
  readonly manifests: readonly string[];
  /** File with one custom resource, filled in once per binding. */
  readonly binding: string;
  /** Answers 200 once the operator works; empty: it is taken to be ready when its process runs. */
  readonly readyUrl: string;
  /** Key of the ConfigMap under which a setting is found. */
  readonly dataKey: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface RunOptions {
  /** Names as given; empty: all. */
  readonly scenarios: readonly string[];
  readonly size: Size;
  /** Raw data go here; empty: nowhere. */
  readonly json: string;
  readonly foreign: ForeignOperator | undefined;
  /** Arguments of node for our own operator, such as `--cpu-prof`. */
  readonly nodeArgs: readonly string[];
  /** How long the idle scenario watches; undefined: what its size says. */
  readonly idleSeconds: number | undefined;
  /** How many bindings every scenario has; undefined: what its size says. */
  readonly bindings: number | undefined;
  /** Writers of the floor: the number of bindings that the operator works on at the same time. */
  readonly concurrency: number;
  readonly keepLogs: boolean;
}

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'list' }
  | { readonly kind: 'run'; readonly options: RunOptions }
  | { readonly kind: 'wrong'; readonly errors: readonly string[] };

const OPTIONS = {
  scenario: { type: 'string', multiple: true },
  size: { type: 'string' },
  json: { type: 'string' },
  list: { type: 'boolean' },
  help: { type: 'boolean' },
  'idle-seconds': { type: 'string' },
  bindings: { type: 'string' },
  concurrency: { type: 'string' },
  'keep-logs': { type: 'boolean' },
  'node-args': { type: 'string' },
  'operator-name': { type: 'string' },
  'operator-command': { type: 'string' },
  'operator-manifests': { type: 'string', multiple: true },
  'operator-binding': { type: 'string' },
  'operator-ready-url': { type: 'string' },
  'operator-data-key': { type: 'string' },
  'operator-env': { type: 'string', multiple: true },
} as const;

/** Reads the command line; every complaint at once. `known` are the names of the scenarios. */
export function parseCommand(argv: readonly string[], known: readonly string[]): Command {
  let values: ReturnType<typeof read>;
  try {
    values = read(argv);
  } catch (error) {
    return { kind: 'wrong', errors: [error instanceof Error ? error.message : String(error)] };
  }
  if (values.help === true) return { kind: 'help' };
  if (values.list === true) return { kind: 'list' };
  const scenarios = list(values.scenario);
  const errors = [
    ...scenarios.filter((name) => !known.includes(name)).map((name) => `no such scenario: ${name}`),
    ...(values.size === undefined || isSize(values.size) ? [] : ['--size is small or full']),
    ...numberErrors(values, ['idle-seconds', 'bindings', 'concurrency']),
    ...foreignErrors(values),
  ];
  if (errors.length > 0) return { kind: 'wrong', errors };
  const options: RunOptions = {
    scenarios,
    size: isSize(values.size) ? values.size : 'small',
    json: values.json ?? '',
    foreign: foreignOf(values),
    nodeArgs: words(values['node-args'] ?? ''),
    idleSeconds: optionalNumber(values['idle-seconds']),
    bindings: optionalNumber(values.bindings),
    concurrency: Number(values.concurrency ?? 16),
    keepLogs: values['keep-logs'] === true,
  };
  return { kind: 'run', options };
}

const read = (argv: readonly string[]) =>
  parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: false }).values;

type Values = ReturnType<typeof read>;

const isSize = (text: string | undefined): text is Size => text === 'small' || text === 'full';

const optionalNumber = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

const list = (texts: readonly string[] = []): string[] =>
  texts.flatMap((text) => text.split(',')).filter((name) => name !== '');

function numberErrors(
  values: Values,
  names: readonly ('idle-seconds' | 'bindings' | 'concurrency')[],
): string[] {
  return names
    .filter((name) => values[name] !== undefined && !/^[1-9]\d{0,4}$/.test(values[name]))
    .map((name) => `--${name} is a positive whole number`);
}

function foreignErrors(values: Values): string[] {
  const command = values['operator-command'] !== undefined;
  const binding = values['operator-binding'] !== undefined;
  const pairs = (values['operator-env'] ?? []).filter((pair) => !/^\w+=/.test(pair));
  return [
    ...(command === binding ? [] : ['--operator-command and --operator-binding go together']),
    ...pairs.map((pair) => `--operator-env is NAME=VALUE, not ${pair}`),
  ];
}

function foreignOf(values: Values): ForeignOperator | undefined {
  const { 'operator-command': command, 'operator-binding': binding } = values;
  if (command === undefined || binding === undefined) return undefined;
  const env = (values['operator-env'] ?? []).map((pair) => /^(\w+)=(.*)$/s.exec(pair) ?? ['', '', '']);
  return {
    name: values['operator-name'] ?? 'other',
    command: words(command),
    manifests: list(values['operator-manifests']),
    binding,
    readyUrl: values['operator-ready-url'] ?? '',
    dataKey: values['operator-data-key'] ?? '{key}',
    env: Object.fromEntries(env.map(([, name = '', value = '']) => [name, value])),
  };
}
