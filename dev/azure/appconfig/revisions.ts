import { type Answer, type Call, header } from '../http/call.ts';
import type { Endpoint } from './endpoint.ts';
import { answerListing, filtersOf, makeListing } from './listing.ts';
import { decodeToken, encodeToken, PAGE_SIZE, type Page } from './pages.ts';
import { empty, isProblem, problemAnswer } from './problems.ts';
import type { Setting } from './setting.ts';
import type { ApiVersion } from './versions.ts';
import { type View, viewOf } from './view.ts';

/**
 * `GET|HEAD /revisions`: everything that matching key-values have been, newest first inside a key and label, those
 * of deleted ones too (A.4, A.7). An omitted label means any, as on /kv. `Range: items=0-2` answers 206 (A.8).
 */
export function listRevisions(call: Call, endpoint: Endpoint, api: ApiVersion, now: number): Answer {
  const view = viewOf(call, endpoint, now);
  if (isProblem(view)) return problemAnswer(view, endpoint.sync());
  const accepts = filtersOf(call, api);
  if (typeof accepts !== 'function') return problemAnswer(accepts, view.headers);
  const revisions = endpoint.store.history.revisions(now).filter(accepts);
  const range = /^items=(\d+)-(\d+)$/.exec(header(call, 'range') ?? '');
  if (range) return answerRange(call, view, api, revisions, Number(range[1]), Number(range[2]));
  const answer = answerListing(
    call,
    view,
    makeListing(call, api, pageAfter(revisions, call.query.get('after'))),
  );
  return { ...answer, headers: { ...answer.headers, 'accept-ranges': 'items' } };
}

function answerRange(
  call: Call,
  view: View,
  api: ApiVersion,
  revisions: readonly Setting[],
  first: number,
  last: number,
): Answer {
  const items = revisions.slice(first, last + 1);
  const unsatisfied = { ...view.headers, 'content-range': `items */${revisions.length}` };
  if (items.length === 0) return empty(416, unsatisfied);
  const answer = answerListing(call, view, makeListing(call, api, { items, next: undefined }));
  const range = `items ${first}-${first + items.length - 1}/${revisions.length}`;
  return { ...answer, status: 206, headers: { ...answer.headers, 'content-range': range } };
}

/** The token names the last revision of the page before; one that is not known restarts at the first page (A.4). */
function pageAfter(revisions: readonly Setting[], token: string | undefined): Page<Setting> {
  const [etag] = decodeToken(token) ?? [];
  const start = revisions.findIndex((revision) => revision.etag === etag) + 1;
  const items = revisions.slice(start, start + PAGE_SIZE);
  const last = items[PAGE_SIZE - 1];
  return { items, next: last && encodeToken([last.etag]) };
}
