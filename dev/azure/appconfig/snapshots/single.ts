import { type Answer, type Call, json, jsonBody } from '../../http/call.ts';
import { quoted, readPrecondition, writePrecondition } from '../conditions.ts';
import type { Endpoint } from '../endpoint.ts';
import { isFilterError } from '../filters.ts';
import {
  alreadyExists,
  empty,
  invalidArgument,
  invalidState,
  isProblem,
  problemAnswer,
} from '../problems.ts';
import { mediaType, selection } from '../representation.ts';
import type { ApiVersion } from '../versions.ts';
import { compose } from './compose.ts';
import { readPlan } from './plan.ts';
import { representOperation, representSnapshot } from './representation.ts';
import { archive, etagAt, recover, type Snapshot, statusAt } from './snapshot.ts';

/** A call on `/snapshots/{name}` or `/operations` with everything checked so far. */
export interface SnapshotCall {
  readonly call: Call;
  readonly endpoint: Endpoint;
  readonly api: ApiVersion;
  readonly name: string;
  readonly now: number;
}

/** `GET|HEAD /snapshots/{name}`. */
export function getSnapshot(given: SnapshotCall): Answer {
  const { call, endpoint, name, now } = given;
  const snapshot = endpoint.store.snapshots.get(name);
  if (!snapshot) return empty(404, endpoint.sync());
  const outcome = readPrecondition(call, etagAt(snapshot, now));
  if (outcome === 'failed') return empty(412, endpoint.sync());
  if (outcome === 'not-modified') return { status: 304, headers: endpoint.sync() };
  return represented(200, snapshot, given);
}

/** `PUT /snapshots/{name}`: 201 and a build that goes on; the content is what the store holds now (A.11). */
export function putSnapshot(given: SnapshotCall): Answer {
  const { call, endpoint, api, name } = given;
  const { store } = endpoint;
  const plan = readPlan(call, name, api);
  if (isProblem(plan)) return problemAnswer(plan, endpoint.sync());
  const settings = compose(store.latest().settings, plan.filters, plan.composition);
  if (isFilterError(settings))
    return problemAnswer(invalidArgument('filters', settings.error), endpoint.sync());
  const snapshot = store.snapshots.create(plan, settings);
  if (!snapshot) return problemAnswer(alreadyExists(), endpoint.sync());
  const location = `https://${endpoint.host}/operations?snapshot=${encodeURIComponent(name)}&api-version=${api.name}`;
  // However short the build, the first answer shows it going on.
  const answer = represented(201, { ...snapshot, readyAt: Number.POSITIVE_INFINITY }, given);
  return { ...answer, headers: { ...answer.headers, 'operation-location': location } };
}

/** `PATCH /snapshots/{name}`: archive or recover; the precondition comes before the state. */
export function patchSnapshot(given: SnapshotCall): Answer {
  const { call, endpoint, name, now } = given;
  const { snapshots } = endpoint.store;
  const snapshot = snapshots.get(name);
  if (!snapshot) return empty(404, endpoint.sync());
  if (!writePrecondition(call, etagAt(snapshot, now))) return empty(412, endpoint.sync());
  const status = jsonBody(call)?.['status'];
  if (status !== 'archived' && status !== 'ready')
    return problemAnswer(invalidArgument('status', ''), endpoint.sync());
  const changed = status === 'archived' ? archive(snapshot, now) : recover(snapshot, now);
  if (!changed) return problemAnswer(invalidState(), endpoint.sync());
  snapshots.put(changed);
  return represented(200, changed, given);
}

/** `GET /operations?snapshot={name}`: how the build stands; while it goes on, with `Retry-After` (A.11). */
export function getOperation({ endpoint, name, now }: SnapshotCall): Answer {
  const snapshot = endpoint.store.snapshots.get(name);
  if (!snapshot) return empty(404, endpoint.sync());
  const wait = statusAt(snapshot, now) === 'provisioning' ? { 'retry-after': '10' } : {};
  return json(200, representOperation(snapshot, now), { ...endpoint.sync(), ...wait });
}

function represented(
  status: number,
  snapshot: Snapshot,
  { call, endpoint, api, name, now }: SnapshotCall,
): Answer {
  const select = selection(call);
  const items = `/kv?snapshot=${encodeURIComponent(name)}&api-version=${api.name}`;
  const headers = {
    'content-type': mediaType('snapshot'),
    etag: quoted(etagAt(snapshot, now)),
    link: `<${items}>; rel="items"`,
    ...endpoint.sync(),
  };
  return { status, headers, body: JSON.stringify(representSnapshot(snapshot, now, api, select)) };
}
