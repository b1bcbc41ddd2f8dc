import { type Call, header } from '../http/call.ts';

/** What a conditional request comes to: go on, 304 or 412. */
export type Precondition = 'met' | 'not-modified' | 'failed';

/** For reads; `If-None-Match` that hits is 304, `If-Match` that misses 412 (A.6). */
export function readPrecondition(call: Call, etag: string): Precondition {
  const match = header(call, 'if-match');
  if (match !== undefined && !includes(match, etag)) return 'failed';
  const noneMatch = header(call, 'if-none-match');
  return noneMatch !== undefined && includes(noneMatch, etag) ? 'not-modified' : 'met';
}

/** For writes; `If-None-Match: *` means create only, `If-Match: *` must exist (A.6). */
export function writePrecondition(call: Call, etag: string | undefined): boolean {
  const match = header(call, 'if-match');
  if (match !== undefined && (etag === undefined || !includes(match, etag))) return false;
  const noneMatch = header(call, 'if-none-match');
  return noneMatch === undefined || etag === undefined || !includes(noneMatch, etag);
}

/** Weak forms count as equal: compression makes them (A.3). */
function includes(headerValue: string, etag: string): boolean {
  return headerValue
    .split(',')
    .map((candidate) => candidate.trim().replace(/^W\//, ''))
    .some((candidate) => candidate === '*' || candidate === `"${etag}"` || candidate === etag);
}

export function quoted(etag: string): string {
  return `"${etag}"`;
}
