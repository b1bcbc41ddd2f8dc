import type { SecretReference } from './secret.ts';

/**
 * Key Vault references: read strictly, since where they point decides where a token goes.
 *
 * Guarantees: a parsed reference names an https host directly below a known vault suffix and a secret in it,
 * and nothing else. `problem` never quotes the value: it may be a secret put there by mistake.
 */
export type ParsedReference =
  | { readonly ok: true; readonly reference: SecretReference }
  | { readonly ok: false; readonly problem: string };

const EXAMPLE = 'https://<vault>/secrets/<name> or https://<vault>/secrets/<name>/<version>';

// Without userinfo, port, query and fragment. Names and versions as Key Vault documents them.
const URI =
  /^https:\/\/(?<vault>[a-z0-9][-a-z0-9.]*)\/secrets\/(?<name>[a-z0-9-]{1,127})(?:\/(?<version>[0-9a-f]{32}))?\/?$/i;
const VAULT_NAME = /^[a-z][a-z0-9-]{1,22}[a-z0-9]$/;

const problem = (text: string): ParsedReference => ({ ok: false, problem: text });

/** Reads the value of a setting whose content type says it is a reference: `{"uri": "https://…"}`. */
export function parseReference(value: string, vaultSuffixes: readonly string[]): ParsedReference {
  const uri = uriOf(value);
  if (uri === undefined) return problem('its value is not JSON of the form {"uri": "https://…"}');
  const reference = referenceOf(uri);
  if (reference === undefined) return problem(`its uri is not of the form ${EXAMPLE}`);
  const [name = '', ...suffix] = reference.vault.split('.');
  if (!vaultSuffixes.some((known) => known.toLowerCase() === suffix.join('.'))) {
    return problem(
      `its vault lies under no domain of Key Vault in the store's cloud (${vaultSuffixes.join(', ')})`,
    );
  }
  return VAULT_NAME.test(name) ? { ok: true, reference } : problem('its uri has no valid vault name');
}

function uriOf(value: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed !== 'object' || parsed === null || !('uri' in parsed)) return undefined;
    return typeof parsed.uri === 'string' ? parsed.uri : undefined;
  } catch {
    return undefined;
  }
}

/** The reverse of `referenceUri`; undefined for anything else. */
export function referenceOf(uri: string): SecretReference | undefined {
  const { vault, name, version } = URI.exec(uri)?.groups ?? {};
  if (vault === undefined || name === undefined) return undefined;
  const base = { vault: vault.toLowerCase(), name };
  return version === undefined ? base : { ...base, version: version.toLowerCase() };
}

/** `https://<vault>/secrets/<name>[/<version>]`; equal for equal references. */
export const referenceUri = ({ vault, name, version }: SecretReference): string =>
  `https://${vault}/secrets/${name}${version === undefined ? '' : `/${version}`}`;

/** What the Secret holds for one key: enough to know, without reading it again, that it is still right. */
export interface ReferenceRecord {
  /** `referenceUri` of the reference. */
  readonly reference: string;
  /** The version that was read, also where the reference names none. */
  readonly version: string;
  /** `valueDigest` of the value, or of what was made of it (`contentText`). */
  readonly digest: string;
  /** The version's own time window, milliseconds since the epoch; absent: none. */
  readonly notBefore?: number;
  readonly expiresAt?: number;
  /** Absent: the value stands under the key itself. */
  readonly made?: Made;
  /** Of a secret that was selected by the list of its vault: when it had last changed; milliseconds since the epoch. */
  readonly updatedAt?: number;
}

/** What a value was made into. */
export interface Made {
  /** How: equal for equal ways (`wayOf`). */
  readonly by: string;
  /** The keys that hold it, in order. */
  readonly keys: readonly string[];
}

/** The keys that hold what was read for `key`. */
export const keysOf = (key: string, { made }: ReferenceRecord): readonly string[] => made?.keys ?? [key];

export type ReferenceRecords = ReadonlyMap<string, ReferenceRecord>;

/** All keys that hold what was read. */
export const heldKeys = (records: ReferenceRecords): ReadonlySet<string> =>
  new Set([...records].flatMap(([key, record]) => keysOf(key, record)));

/** Half of what the API server allows for all annotations of an object (256 KiB). */
const MAX_BYTES = 128 * 1024;

/**
 * Text of the annotation `appconfig.dev/references`: `{"<key>": ["<uri>", "<version>", "<digest>"]}`, keys in
 * order; a version with a time window adds its beginning and its end (milliseconds or null), what was made into
 * something else how it was and the keys that hold it, and what was selected by a list when it had last changed
 * (seconds). Undefined above 128 KiB: it is then left out, and references
 * are read again instead.
 */
export function encodeReferences(records: ReferenceRecords): string | undefined {
  const keys = [...records.keys()].sort();
  const members = keys.map((key) => {
    const record = records.get(key);
    return `${JSON.stringify(key)}:${JSON.stringify(record && fieldsOf(record))}`;
  });
  const text = `{${members.join(',')}}`;
  return Buffer.byteLength(text) > MAX_BYTES ? undefined : text;
}

function fieldsOf(record: ReferenceRecord): unknown[] {
  const { reference, version, digest, notBefore, expiresAt, made, updatedAt } = record;
  const changed = updatedAt === undefined ? undefined : updatedAt / 1000;
  const optional = [notBefore, expiresAt, made?.by, made?.keys, changed];
  const last = optional.findLastIndex((field) => field !== undefined);
  // A time is never alone.
  const count = last === 0 ? 2 : last + 1;
  return [reference, version, digest, ...optional.slice(0, count).map((field) => field ?? null)];
}

/** Reads that annotation; undefined when it is missing or not ours. */
export function decodeReferences(text: string | undefined): ReferenceRecords | undefined {
  if (text === undefined || text === '') return undefined;
  const entries = members(text);
  if (entries === undefined) return undefined;
  const records = new Map<string, ReferenceRecord>();
  for (const [key, fields] of entries) {
    const record = recordOf(fields);
    if (record === undefined) return undefined;
    records.set(key, record);
  }
  return records;
}

function members(text: string): [string, unknown][] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? Object.entries(parsed) : undefined;
  } catch {
    return undefined;
  }
}

function recordOf(fields: unknown): ReferenceRecord | undefined {
  if (!Array.isArray(fields)) return undefined;
  const [reference, version, digest, notBefore, expiresAt, by, keys, changed]: unknown[] = fields;
  const complete = typeof reference === 'string' && typeof version === 'string' && typeof digest === 'string';
  if (!complete) return undefined;
  return {
    reference,
    version,
    digest,
    ...(typeof notBefore === 'number' ? { notBefore } : {}),
    ...(typeof expiresAt === 'number' ? { expiresAt } : {}),
    ...(typeof by === 'string' ? { made: { by, keys: textsIn(keys) } } : {}),
    ...(typeof changed === 'number' ? { updatedAt: changed * 1000 } : {}),
  };
}

const textsIn = (list: unknown): readonly string[] =>
  Array.isArray(list) ? list.filter((item): item is string => typeof item === 'string') : [];
