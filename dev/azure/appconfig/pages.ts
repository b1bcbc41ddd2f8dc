import { compare, digest, type Position, type Setting } from './setting.ts';
import { lowerBound } from './store.ts';

/** Not settable by clients (A.4). */
export const PAGE_SIZE = 100;

/** One page of a list; `next` is a continuation token. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/**
 * The page that starts after a position. A full page always announces another, so exactly 100 items have a second,
 * empty page (A.4).
 */
export function pageOf(
  settings: readonly Setting[],
  accepts: (setting: Setting) => boolean,
  after: Position | undefined,
): Page<Setting> {
  const items: Setting[] = [];
  for (let at = startIndex(settings, after); at < settings.length && items.length < PAGE_SIZE; at += 1) {
    const setting = settings[at];
    if (setting && accepts(setting)) items.push(setting);
  }
  const last = items[PAGE_SIZE - 1];
  return { items, next: last && encodeToken([last.key, last.label]) };
}

/** Changes with every item, and when the page starts or stops having a next one (A.6). */
export function pageEtag(page: Page<Setting>, salt = ''): string {
  return digest([...page.items.map(({ etag }) => etag), `next:${page.next ?? ''}`, salt]);
}

/** A token from `[A-Za-z0-9_-]` only: the JavaScript SDK sends it back decoded and unescaped (A.4). */
export function encodeToken(parts: readonly (string | null)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Undefined for a token that cannot be decoded: the list restarts at page one (A.4). */
export function decodeToken(token: string | undefined): readonly (string | null)[] | undefined {
  if (token === undefined) return undefined;
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    return Array.isArray(parts) && parts.every(isPart) ? parts : undefined;
  } catch {
    return undefined;
  }
}

export function positionOf(token: string | undefined): Position | undefined {
  const parts = decodeToken(token);
  const [key, label] = parts ?? [];
  return typeof key === 'string' ? { key, label: label ?? null } : undefined;
}

function isPart(part: unknown): part is string | null {
  return part === null || typeof part === 'string';
}

function startIndex(settings: readonly Setting[], after: Position | undefined): number {
  if (!after) return 0;
  const at = lowerBound(settings, after);
  const found = settings[at];
  return found && compare(found, after) === 0 ? at + 1 : at;
}
