import { type Call, header } from '../http/call.ts';
import type { Endpoint } from './endpoint.ts';
import { invalidArgument, type Problem } from './problems.ts';
import type { Version } from './store.ts';

/** What a read sees, and the headers that every answer to it carries. */
export interface View {
  readonly version: Version;
  readonly headers: Readonly<Record<string, string>>;
  /** Links beside `next`, which comes first: the JavaScript SDK reads the first link only (A.4). */
  readonly links: readonly string[];
}

/**
 * The endpoint's state now, or with `Accept-Datetime` the store's state at that time (A.8).
 * Failure: a time that is no HTTP date and not ISO 8601 is a 400 (our choice); one ahead of the clock means now.
 */
export function viewOf(call: Call, endpoint: Endpoint, now: number): View | Problem {
  const current = endpoint.visible(endpoint.syncTokens.read(header(call, 'sync-token')));
  const sync = endpoint.sync(current);
  const asked = header(call, 'accept-datetime');
  if (asked === undefined) return { version: current, headers: sync, links: [] };
  const time = Date.parse(asked);
  if (Number.isNaN(time)) return invalidArgument('Accept-Datetime', 'Invalid date');
  return {
    version: time >= now ? current : endpoint.store.at(time),
    headers: { ...sync, 'memento-datetime': new Date(time).toUTCString() },
    links: [`<${call.target}>; rel="original"`],
  };
}

/** The Link header of an answer, or nothing. */
export function linkHeader(next: string | undefined, links: readonly string[]): { readonly link?: string } {
  const all = [...(next === undefined ? [] : [`<${next}>; rel="next"`]), ...links];
  return all.length === 0 ? {} : { link: all.join(', ') };
}
