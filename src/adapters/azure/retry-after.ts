/** Never wait longer than this on a server's word: a wrong or hostile header must not stop a host for a day. */
export const MAX_RETRY_AFTER_MS = 5 * 60_000;

/** Gives a header by lower-case name. */
export type HeaderLookup = (name: string) => string | undefined;

/**
 * The pause a server asked for, in milliseconds, capped; `retry-after-ms` and `x-ms-retry-after-ms` (App
 * Configuration) before `Retry-After` in seconds or as an HTTP date (RFC 9110, 10.2.3).
 */
export function retryAfterMs(header: HeaderLookup, now: number): number | undefined {
  const asked = milliseconds(header('retry-after-ms')) ?? milliseconds(header('x-ms-retry-after-ms'));
  const pause = asked ?? delayOf(header('retry-after'), now);
  return pause === undefined ? undefined : Math.min(Math.max(pause, 0), MAX_RETRY_AFTER_MS);
}

function milliseconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text.trim()) ? Number(text) : undefined;
}

function delayOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const seconds = milliseconds(text);
  if (seconds !== undefined) return seconds * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : date - now;
}
