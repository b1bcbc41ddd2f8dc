import type { Answer, Call } from '../../http/call.ts';
import type { Endpoint } from '../endpoint.ts';
import { isFilterError, matches, parseFilter } from '../filters.ts';
import { nextLink } from '../listing.ts';
import { decodeToken, encodeToken, PAGE_SIZE } from '../pages.ts';
import { invalidArgument, problemAnswer } from '../problems.ts';
import { mediaType, selection } from '../representation.ts';
import type { ApiVersion } from '../versions.ts';
import { linkHeader } from '../view.ts';
import { representSnapshot } from './representation.ts';
import { type Snapshot, statusAt } from './snapshot.ts';

const STATUSES = ['provisioning', 'ready', 'archived', 'failed'];

/** `GET|HEAD /snapshots`: by name and status, 100 to a page, without a page etag (A.4, A.11). */
export function listSnapshots(call: Call, endpoint: Endpoint, api: ApiVersion, now: number): Answer {
  const name = parseFilter(call.query.get('name'));
  if (isFilterError(name)) return problemAnswer(invalidArgument('name', name.error), endpoint.sync());
  const statuses = readStatuses(call.query.get('status'));
  if (!statuses) return problemAnswer(invalidArgument('status', ''), endpoint.sync());
  const found = endpoint.store.snapshots
    .list()
    .filter((snapshot) => matches(name, snapshot.name) && statuses.includes(statusAt(snapshot, now)));
  return answerPage(call, endpoint, found, (snapshot, select) =>
    representSnapshot(snapshot, now, api, select),
  );
}

function answerPage(
  call: Call,
  endpoint: Endpoint,
  found: readonly Snapshot[],
  show: (snapshot: Snapshot, select: ReadonlySet<string> | undefined) => object,
): Answer {
  const [after] = decodeToken(call.query.get('after')) ?? [];
  const rest = typeof after === 'string' ? found.filter(({ name }) => name > after) : found;
  const items = rest.slice(0, PAGE_SIZE);
  const last = items[PAGE_SIZE - 1];
  const next = last && nextLink(call, encodeToken([last.name]));
  const select = selection(call);
  const shown = items.map((snapshot) => show(snapshot, select));
  const headers = { 'content-type': mediaType('snapshotset'), ...endpoint.sync(), ...linkHeader(next, []) };
  const body = next === undefined ? { items: shown } : { items: shown, '@nextLink': next };
  return { status: 200, headers, body: JSON.stringify(body) };
}

/** A comma list of states, or any; undefined when a state does not exist. */
function readStatuses(text: string | undefined): readonly string[] | undefined {
  if (text === undefined || text === '' || text === '*') return STATUSES;
  const given = text.split(',').map((status) => status.trim().toLowerCase());
  return given.every((status) => STATUSES.includes(status)) ? given : undefined;
}
