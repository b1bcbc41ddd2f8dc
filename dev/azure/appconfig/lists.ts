import { type Answer, type Call, header } from '../http/call.ts';
import { quoted, readPrecondition } from './conditions.ts';
import { isFilterError, matches, parseFilter } from './filters.ts';
import { pageEtag, pageOf, positionOf } from './pages.ts';
import { empty, invalidArgument, isProblem, type Problem, problemAnswer } from './problems.ts';
import { mediaType, represent, selection } from './representation.ts';
import type { Setting } from './setting.ts';
import type { Store, Version } from './store.ts';
import { matchesTags, parseTagFilters } from './tagfilters.ts';
import { type ApiVersion, readVersion } from './versions.ts';

/** One page, ready to send; computed once per (store version, request line). */
interface Listing {
  readonly etag: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const CACHE_LIMIT = 2_000;

/** `GET|HEAD /kv`: a page of key-values with its page etag and next link (A.4, A.6). */
export function listSettings(call: Call, store: Store): Answer {
  const version = store.visible(store.syncTokens.read(header(call, 'sync-token')));
  const listing = cached(version, call.target, () => prepare(call, version));
  const sync = { 'sync-token': store.syncTokens.format(version.sn) };
  if (isProblem(listing)) return problemAnswer(listing, sync);
  const outcome = listing.etag === undefined ? 'met' : readPrecondition(call, listing.etag);
  if (outcome === 'failed') return empty(412, sync);
  // A 304 keeps Link, or change detection would stop at page one (A.6).
  if (outcome === 'not-modified') return { status: 304, headers: { ...sync, ...linkOnly(listing) } };
  return { status: 200, headers: { ...listing.headers, ...sync }, body: listing.body };
}

/** Runs `make` once per version of the store and key. */
export function cached<T>(version: Version, key: string, make: () => T): T {
  const known = version.cache.get(key) as T | undefined;
  if (known !== undefined) return known;
  const made = make();
  if (version.cache.size >= CACHE_LIMIT) version.cache.clear();
  version.cache.set(key, made);
  return made;
}

/** The relative address of the next page: the same query with `after` last, never first (A.4). */
export function nextLink(call: Call, token: string): string {
  return `${call.path}?${call.query.without('after')}&after=${token}`;
}

function prepare(call: Call, version: Version): Listing | Problem {
  const api = readVersion(call.query.all('api-version'), `https://${call.host}${call.target}`);
  if (isProblem(api)) return api;
  const accepts = readAccepts(call, api);
  if (typeof accepts !== 'function') return accepts;
  const page = pageOf(version.settings, accepts, positionOf(call.query.get('after')));
  const etag = api.pageEtags ? pageEtag(page) : undefined;
  const next = page.next === undefined ? undefined : nextLink(call, page.next);
  const select = selection(call.query.get('$select') ?? call.query.get('fields'));
  const body = {
    ...(etag === undefined ? {} : { etag }),
    items: page.items.map((setting) => represent(setting, api, select)),
    ...(next === undefined ? {} : { '@nextLink': next }),
  };
  const headers = {
    'content-type': mediaType('kvset'),
    ...(etag === undefined ? {} : { etag: quoted(etag) }),
    ...(next === undefined ? {} : { link: linkHeader(next) }),
  };
  return { etag, headers, body: JSON.stringify(body) };
}

export function linkHeader(next: string): string {
  return `<${next}>; rel="next"`;
}

/** The predicate of key, label and tag filters, or the 400 that names the parameter at fault (A.5). */
function readAccepts(call: Call, api: ApiVersion): ((setting: Setting) => boolean) | Problem {
  const key = parseFilter(call.query.get('key'));
  if (isFilterError(key)) return invalidArgument('key', key.error);
  const label = parseFilter(call.query.get('label'));
  if (isFilterError(label)) return invalidArgument('label', label.error);
  const tags = parseTagFilters(api.listTags ? call.query.all('tags') : []);
  if (isFilterError(tags)) return invalidArgument('tags', tags.error);
  return (setting) =>
    matches(key, setting.key) && matches(label, setting.label) && matchesTags(tags, setting.tags);
}

function linkOnly({ headers }: Listing): Record<string, string> {
  return headers.link === undefined ? {} : { link: headers.link };
}
