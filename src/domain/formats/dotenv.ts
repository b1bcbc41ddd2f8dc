/**
 * Files of environment variables. Their parsers agree on little: this writes each value in a form that dotenv
 * (Node) and python-dotenv read as the same text, bare wherever that is safe, since `docker run --env-file` and
 * `kubectl --from-env-file` take quotes for part of the value.
 *
 * What they do with a value, from their sources (dotenv 18, python-dotenv 1.2):
 * - bare: both take the line as it stands, without surrounding spaces and what looks like a comment.
 * - '…': both take it literally, line breaks too; python-dotenv takes \\ for \ and both stumble over \'.
 * - "…": both take \r for a carriage return; everything else about backslashes differs.
 * - A carriage return that is not escaped becomes a line feed in both.
 *
 * python-dotenv replaces ${NAME} wherever it stands, unless it is told `interpolate=False`.
 */
export function writeDotEnvValue(value: string): string | undefined {
  if (!value.isWellFormed() || value.includes('\0')) return undefined;
  if (SAFE.test(value)) return value;
  if (isLiteral(value)) return `'${value}'`;
  if (!/["\\]/.test(value)) return `"${value.replaceAll('\r', '\\r')}"`;
  return BARE.test(value) ? value : undefined;
}

/** Nothing here means anything to a shell, Docker Compose or a dotenv. */
const SAFE = /^[A-Za-z0-9_.,:/@%+=-]*$/;

const isLiteral = (value: string): boolean => !/['\r]|\\\\|\\$/.test(value);

/** One line without a comment, a quote or a space at its borders, in printable ASCII where it matters. */
const BARE = /^[!$-&(-_a-~](?:[^#\r\n\u2028\u2029]*[!-"$-~])?$/;

/** The values of entries; undefined for a value that no form fits. */
export const writeDotEnv = (entries: readonly (readonly [string, string])[]): string =>
  entries.map(([key, value]) => `${key}=${writeDotEnvValue(value) ?? ''}\n`).join('');

const ENTRY = /^([A-Za-z_]\w*)=(?:'([^']*)'|"([^"]*)"|(.*))\n/gm;

/** Reads what `writeDotEnv` wrote, and nothing else. */
export function readDotEnv(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(ENTRY)].map(([, key = '', literal, quoted, bare]) => [
      key,
      literal ?? quoted?.replaceAll('\\r', '\r') ?? bare ?? '',
    ]),
  );
}
