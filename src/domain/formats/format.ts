import { isDataKey, MAX_KEY } from '../keys.ts';

/** How a target holds its values: one entry per key, or one file that holds all of them. */
export type Format = { readonly kind: 'KeyValue' } | FileFormat;

export type FileFormat =
  | { readonly kind: 'Json' | 'Yaml'; readonly file: string; readonly separator?: string }
  | { readonly kind: 'Properties' | 'DotEnv'; readonly file: string };

/** A value as stored, apart from what it links to. */
export interface PlainValue {
  /** null: a stored null, written as null (Json, Yaml) or as an empty string. */
  readonly value: string | null;
  readonly contentType?: string;
}

/** Looks a value up in what was written before. */
export type Lookup = (key: string) => PlainValue | undefined;

/**
 * Levels that come from a separator, and levels that come from embedded JSON. Parsers of other languages stop at
 * some depth (System.Text.Json at 64), and indentation grows with the square of it.
 */
export const MAX_DEPTH = 64;

/** Levels of a file that was written here: those of a key, and below them those of its embedded JSON. */
export const MAX_FILE_DEPTH = 2 * MAX_DEPTH;

const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether `format` can hold `key`. */
export function isLegalKey(key: string, format: Format): boolean {
  if (key === '' || key.length > MAX_KEY) return false;
  switch (format.kind) {
    case 'KeyValue':
      return isDataKey(key);
    case 'DotEnv':
      return ENVIRONMENT_NAME.test(key);
    case 'Json':
    case 'Yaml':
      return format.separator === undefined || key.split(format.separator).length <= MAX_DEPTH;
    case 'Properties':
      return true;
  }
}

/** What `isLegalKey` asks for, as a clause of a message. */
export function keyRule({ kind }: Format): string {
  switch (kind) {
    case 'KeyValue':
      return 'a key of a ConfigMap or Secret has letters, digits, "-", "_" and ".", at most 253 of them';
    case 'DotEnv':
      return 'the name of an environment variable has letters, digits and "_" and starts with no digit';
    case 'Json':
    case 'Yaml':
      return `a key has 1 to ${MAX_KEY} characters and at most ${MAX_DEPTH} levels`;
    case 'Properties':
      return `a key has 1 to ${MAX_KEY} characters`;
  }
}

/** Text of the annotation `appconfig.dev/format`. */
export const encodeFormat = (format: Format): string => JSON.stringify(format);

/** Reads that annotation; undefined when it is missing or not ours. */
export function decodeFormat(text: string | undefined): Format | undefined {
  const { kind, file, separator } = membersOf(text ?? '');
  if (kind === 'KeyValue') return { kind };
  if (typeof file !== 'string') return undefined;
  if (kind === 'Properties' || kind === 'DotEnv') return { kind, file };
  if (kind !== 'Json' && kind !== 'Yaml') return undefined;
  return typeof separator === 'string' ? { kind, file, separator } : { kind, file };
}

function membersOf(text: string): { kind?: unknown; file?: unknown; separator?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
