import type { Answer, Call } from '../http/call.ts';
import { quoted, readPrecondition } from './conditions.ts';
import { isFilterError, matches, parseFilter } from './filters.ts';
import { type Page, pageEtag } from './pages.ts';
import { empty, invalidArgument, isProblem, type Problem, problemAnswer } from './problems.ts';
import { mediaType, represent, selection } from './representation.ts';
import type { Setting } from './setting.ts';
import { matchesTags, parseTagFilters } from './tagfilters.ts';
import type { ApiVersion } from './versions.ts';
import { linkHeader, type View } from './view.ts';

/** One page of key-values, before conditions are looked at: /kv, the content of a snapshot, /revisions. */
export interface Listing {
  /** Absent at API versions without page etags. */
  readonly etag: string | undefined;
  readonly next: string | undefined;
  readonly body: string;
}

/**
 * The envelope of a page (A.4). `$select` narrows the members of the items and leaves the page etag alone: it is a
 * hash over the items' etags and the continuation token (A.6).
 */
export function makeListing(call: Call, api: ApiVersion, page: Page<Setting>, salt = ''): Listing {
  const etag = api.pageEtags ? pageEtag(page, salt) : undefined;
  const next = page.next === undefined ? undefined : nextLink(call, page.next);
  const select = selection(call);
  const body = {
    ...(etag === undefined ? {} : { etag }),
    items: page.items.map((setting) => represent(setting, api, select)),
    ...(next === undefined ? {} : { '@nextLink': next }),
  };
  return { etag, next, body: JSON.stringify(body) };
}

/** Conditions are judged per page. A 304 keeps Link, or change detection would stop at page one (A.6). */
export function answerListing(call: Call, view: View, listing: Listing | Problem): Answer {
  if (isProblem(listing)) return problemAnswer(listing, view.headers);
  const { etag, next, body } = listing;
  const outcome = etag === undefined ? 'met' : readPrecondition(call, etag);
  if (outcome === 'failed') return empty(412, view.headers);
  const headers = { ...view.headers, ...linkHeader(next, view.links) };
  if (outcome === 'not-modified') return { status: 304, headers };
  const tagged = etag === undefined ? headers : { ...headers, etag: quoted(etag) };
  return { status: 200, headers: { ...tagged, 'content-type': mediaType('kvset') }, body };
}

/** The predicate of key, label and tag filters, or the 400 that names the parameter at fault (A.5). */
export function filtersOf(call: Call, api: ApiVersion): ((setting: Setting) => boolean) | Problem {
  const key = parseFilter(call.query.get('key'));
  if (isFilterError(key)) return invalidArgument('key', key.error);
  const label = parseFilter(call.query.get('label'));
  if (isFilterError(label)) return invalidArgument('label', label.error);
  const tags = parseTagFilters(api.listTags ? call.query.all('tags') : []);
  if (isFilterError(tags)) return invalidArgument('tags', tags.error);
  return (setting) =>
    matches(key, setting.key) && matches(label, setting.label) && matchesTags(tags, setting.tags);
}

/** The relative address of the next page: the same query with `after` last, never first (A.4). */
export function nextLink(call: Call, token: string): string {
  return `${call.path}?${call.query.without('after')}&after=${token}`;
}
