/** What `az` was called with: the words before the first option, and the options. */
export interface CliCall {
  readonly words: string;
  option(name: string): string;
  optional(name: string): string | undefined;
}

/** A call that the stand-in does not know how to serve; the text is for whoever wrote it. */
export class UsageError extends Error {}

export function parseCall(argv: readonly string[]): CliCall {
  const first = argv.findIndex((word) => word.startsWith('-'));
  const [words, rest] = first < 0 ? [argv, []] : [argv.slice(0, first), argv.slice(first)];
  const options = new Map<string, string>();
  for (let at = 0; at < rest.length; at += 2) {
    const [name = '', value] = [rest[at], rest[at + 1]];
    if (!name.startsWith('--') || value === undefined)
      throw new UsageError(`unrecognized arguments: ${name}`);
    options.set(name.slice(2), value);
  }
  const optional = (name: string) => options.get(name);
  return {
    words: words.join(' '),
    optional,
    option: (name) => optional(name) ?? missing(name),
  };
}

function missing(name: string): never {
  throw new UsageError(`the following arguments are required: --${name}`);
}

/** The JMESPath that remedies use: `member`, or `[?member=='value'].member`. */
export function query(result: unknown, path: string | undefined): unknown {
  if (path === undefined) return result;
  const [, filter, wanted, member = path] = /^\[\?(\w+)=='([^']*)'\]\.(\w+)$/.exec(path) ?? [];
  if (!/^\w+$/.test(member)) throw new UsageError(`the stand-in knows no --query ${path}`);
  if (filter === undefined) return memberOf(result, member);
  if (!Array.isArray(result)) return null;
  return result.filter((item) => memberOf(item, filter) === wanted).map((item) => memberOf(item, member));
}

const memberOf = (value: unknown, name: string): unknown => Reflect.get(Object(value), name) ?? null;

/** As `--output json` and `--output tsv` write it. */
export function written(result: unknown, output: string | undefined): string {
  if (output !== 'tsv') return `${JSON.stringify(result, null, 2)}\n`;
  const lines = (Array.isArray(result) ? result : [result]).filter((line) => line !== null);
  return lines.map((line) => `${line}\n`).join('');
}
