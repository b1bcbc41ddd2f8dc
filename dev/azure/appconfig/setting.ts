import { createHash, randomBytes } from 'node:crypto';

/** One stored key-value. Immutable: a write makes a new one. */
export interface Setting {
  readonly etag: string;
  readonly key: string;
  /** Null is "no label"; the empty string is never stored (A.3). */
  readonly label: string | null;
  readonly contentType: string | null;
  readonly value: string | null;
  readonly tags: Readonly<Record<string, string | null>>;
  readonly description: string | null;
  readonly locked: boolean;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
}

/** What a writer may choose. */
export interface SettingContent {
  readonly contentType?: string | null | undefined;
  readonly value?: string | null | undefined;
  readonly tags?: Readonly<Record<string, string | null>> | undefined;
  readonly description?: string | null | undefined;
}

/** A place in the order of a store: the key and its label. */
export interface Position {
  readonly key: string;
  readonly label: string | null;
}

/** Opaque, ASCII, unquoted in bodies (A.3). */
export function newEtag(): string {
  return randomBytes(16).toString('hex');
}

/** Ordinal by key, then by label with the null label first (A.4). */
export function compare(a: Position, b: Position): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  if (a.label === b.label) return 0;
  if (a.label === null) return -1;
  if (b.label === null) return 1;
  return a.label < b.label ? -1 : 1;
}

/** Whether a write would change nothing; such a PUT keeps etag and last_modified (A.7). */
export function sameContent(setting: Setting, content: SettingContent): boolean {
  return (
    setting.value === (content.value ?? null) &&
    setting.contentType === (content.contentType ?? null) &&
    setting.description === (content.description ?? null) &&
    tagText(setting.tags) === tagText(content.tags ?? {})
  );
}

/** A hash over texts in order, in the alphabet that etags and tokens may use. */
export function digest(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url');
}

function tagText(tags: Readonly<Record<string, string | null>>): string {
  return JSON.stringify(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)));
}
