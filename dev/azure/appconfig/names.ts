import type { Answer, Call } from '../http/call.ts';
import type { Endpoint } from './endpoint.ts';
import { isFilterError, matches, parseFilter } from './filters.ts';
import { nextLink } from './listing.ts';
import { cached } from './lists.ts';
import { decodeToken, encodeToken, PAGE_SIZE } from './pages.ts';
import { invalidArgument, isProblem, type Problem, problemAnswer } from './problems.ts';
import { mediaType } from './representation.ts';
import type { Version } from './store.ts';
import { readVersion } from './versions.ts';
import { linkHeader, viewOf } from './view.ts';

type Kind = 'keys' | 'labels';
type Names = { readonly next: string | undefined; readonly body: string };

/**
 * `GET|HEAD /keys` and `/labels`: distinct names; a store with an unlabelled setting has the label null (A.4).
 * Names never repeat across pages here, though the service may repeat them. No page etags.
 */
export function listNames(kind: Kind, call: Call, endpoint: Endpoint, now: number): Answer {
  const view = viewOf(call, endpoint, now);
  if (isProblem(view)) return problemAnswer(view, endpoint.sync());
  const { version } = view;
  const names = cached(version, endpoint.host + call.target, () => prepare(kind, call, version));
  if (isProblem(names)) return problemAnswer(names, view.headers);
  const type = { 'content-type': mediaType(kind === 'keys' ? 'keyset' : 'labelset') };
  const headers = { ...type, ...view.headers, ...linkHeader(names.next, view.links) };
  return { status: 200, headers, body: names.body };
}

function prepare(kind: Kind, call: Call, version: Version): Names | Problem {
  const api = readVersion(call.query.all('api-version'), `https://${call.host}${call.target}`);
  if (isProblem(api)) return api;
  const filter = parseFilter(call.query.get('name'));
  if (isFilterError(filter)) return invalidArgument('name', filter.error);
  const all = distinct(kind, version).filter((name) => matches(filter, name));
  const [after] = decodeToken(call.query.get('after')) ?? [];
  const start = after === undefined ? 0 : all.indexOf(after) + 1;
  const items = all.slice(start, start + PAGE_SIZE);
  const last = items[PAGE_SIZE - 1];
  const next = last === undefined ? undefined : nextLink(call, encodeToken([last]));
  const body = {
    items: items.map((name) => ({ name })),
    ...(next === undefined ? {} : { '@nextLink': next }),
  };
  return { next, body: JSON.stringify(body) };
}

/** Ordinal order, null first. */
function distinct(kind: Kind, { settings }: Version): (string | null)[] {
  const names = new Set(settings.map((setting) => (kind === 'keys' ? setting.key : setting.label)));
  const texts = [...names].filter((name) => name !== null).sort((a, b) => (a < b ? -1 : 1));
  return names.has(null) ? [null, ...texts] : texts;
}
