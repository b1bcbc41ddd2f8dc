/**
 * Java properties: what `java.util.Properties.load` reads equals what was written, whether it reads ISO 8859-1 or
 * UTF-8, since everything beyond ASCII is escaped.
 */
export const writeProperties = (entries: readonly (readonly [string, string])[]): string =>
  entries.map(([key, value]) => `${escapeKey(key)}=${escapeValue(value)}\n`).join('');

const NAMED: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\f': '\\f',
  '\\': '\\\\',
};

const escapeCommon = (text: string): string =>
  text.replace(
    /[\\]|[^\x20-\x7e]/g,
    (unit) => NAMED[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A key ends at the first space, `=` or `:`; `#` and `!` start a comment. */
const escapeKey = (key: string): string => escapeCommon(key).replace(/[ =:#!]/g, '\\$&');

/** Leading spaces would be taken for part of the separator. */
const escapeValue = (value: string): string => escapeCommon(value).replace(/^ /, '\\ ');

const LINE = /^((?:[^\\=]|\\.)*)=(.*)$/;

/** Reads what `writeProperties` wrote, and nothing else. */
export function readProperties(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').map((line) => LINE.exec(line));
  return new Map(lines.flatMap((line) => (line === null ? [] : [[plain(line[1]), plain(line[2])]])));
}

const plain = (text = ''): string =>
  text.replace(/\\(?:u([0-9a-f]{4})|(.))/g, (_, hex: string | undefined, unit: string | undefined) =>
    hex === undefined ? (UNNAMED[unit ?? ''] ?? unit ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );

const UNNAMED: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };
