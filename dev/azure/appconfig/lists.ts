import type { Answer, Call } from '../http/call.ts';
import type { Endpoint } from './endpoint.ts';
import { answerListing, filtersOf, type Listing, makeListing } from './listing.ts';
import { pageOf, positionOf } from './pages.ts';
import { isProblem, type Problem, problemAnswer } from './problems.ts';
import { listSnapshotContent } from './snapshots/content.ts';
import type { Version } from './store.ts';
import { readVersion } from './versions.ts';
import { viewOf } from './view.ts';

const CACHE_LIMIT = 2_000;

/** `GET|HEAD /kv`: a page of key-values of the store, or with `snapshot` of a snapshot (A.2, A.4). */
export function listSettings(call: Call, endpoint: Endpoint, now: number): Answer {
  const view = viewOf(call, endpoint, now);
  if (isProblem(view)) return problemAnswer(view, endpoint.sync());
  if (call.query.get('snapshot') !== undefined) {
    const content = listSnapshotContent(call, endpoint, now);
    if (content !== undefined) return answerListing(call, view, content);
  }
  const { version } = view;
  const listing = cached(version, endpoint.host + endpoint.pageEtagSalt + call.target, () =>
    prepare(call, endpoint, version),
  );
  return answerListing(call, view, listing);
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

function prepare(call: Call, endpoint: Endpoint, version: Version): Listing | Problem {
  const api = readVersion(call.query.all('api-version'), `https://${call.host}${call.target}`);
  if (isProblem(api)) return api;
  const accepts = filtersOf(call, api);
  if (typeof accepts !== 'function') return accepts;
  const page = pageOf(version.settings, accepts, positionOf(call.query.get('after')));
  return makeListing(call, api, page, endpoint.pageEtagSalt);
}
