/**
 * Copies what is to be logged, without what must not be.
 *
 * Guarantees: the caller's objects, errors included, are never touched; a value under a name that may hold a secret is
 * never in the copy, at any depth; errors keep name, message, stack and cause, and lose everything else they carry
 * (HTTP clients hang whole responses on them); the copy is finite and plain JSON.
 * Assumptions: messages of our own errors hold no secrets; those of HTTP clients embed bodies and headers, those of
 * parsers the text that they could not read, so they are dropped (`ApiException`, `RestError`, `SyntaxError`), and their
 * stack with them, which begins with the message.
 */
const REDACTED = '[redacted]';
const MAX_DEPTH = 6;
const MAX_ITEMS = 100;
const MAX_TEXT = 8_192;

/** Names that hold secrets, or bodies that may, compared in lower case without `-` and `_`. */
const SECRET_NAMES = new Set(
  [
    'value values data stringData binaryData body rawBody responseBody parsedBody bodyAsText response request',
    'headers cookie setCookie passphrase privateKey connectionString caData keyData certData pem',
  ]
    .join(' ')
    .split(' ')
    .map(normalised),
);

/** Errors whose message repeats what the server sent, or what could not be read as JSON. */
const TALKATIVE_ERRORS = new Set([
  'ApiException',
  'RestError',
  'HttpError',
  'AuthenticationError',
  'SyntaxError',
]);

export function redact(value: unknown): unknown {
  return copyOf(value, 0, new Set());
}

function copyOf(value: unknown, depth: number, above: ReadonlySet<unknown>): unknown {
  if (typeof value === 'string') return cut(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (above.has(value)) return '[circular]';
  if (depth >= MAX_DEPTH) return '[deep]';
  return copyOfObject(value, depth + 1, new Set([...above, value]));
}

function copyOfObject(value: object, depth: number, above: ReadonlySet<unknown>): unknown {
  if (value instanceof Error) return copyOfError(value, depth, above);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL) return `${value.origin}${value.pathname}`;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return '[bytes]';
  if (value instanceof Map) return copyOfObject(Object.fromEntries(value), depth, above);
  if (value instanceof Set) return copyOfItems([...value], depth, above);
  if (Array.isArray(value)) return copyOfItems(value, depth, above);
  return copyOfMembers(value, depth, above);
}

function copyOfItems(items: readonly unknown[], depth: number, above: ReadonlySet<unknown>): unknown[] {
  const copies = items.slice(0, MAX_ITEMS).map((item) => copyOf(item, depth, above));
  return items.length <= MAX_ITEMS ? copies : [...copies, `[${items.length - MAX_ITEMS} more]`];
}

function copyOfMembers(value: object, depth: number, above: ReadonlySet<unknown>): object {
  const members = Object.entries(value).slice(0, MAX_ITEMS);
  return Object.fromEntries(
    members.map(([name, member]) => [name, isSecretName(name) ? REDACTED : copyOf(member, depth, above)]),
  );
}

function copyOfError(error: Error, depth: number, above: ReadonlySet<unknown>): object {
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  if (isTalkative(error)) return { name: error.name, message: REDACTED, ...code };
  return {
    name: error.name,
    message: cut(error.message),
    ...code,
    ...(error.stack === undefined ? {} : { stack: cut(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: copyOf(error.cause, depth, above) }),
    ...(error instanceof AggregateError ? { errors: copyOfItems(error.errors, depth, above) } : {}),
  };
}

const isTalkative = (error: Error): boolean =>
  TALKATIVE_ERRORS.has(error.name) || TALKATIVE_ERRORS.has(error.constructor.name);

const SECRET_ENDINGS = /(?:token|password|secret|assertion|authorization|credential)s?$|secret.*value/;

function isSecretName(name: string): boolean {
  const plain = normalised(name);
  return SECRET_NAMES.has(plain) || SECRET_ENDINGS.test(plain);
}

function normalised(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}

const cut = (text: string): string => (text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`);
