import type { Answer, Call } from '../http/call.ts';
import { quoted, readPrecondition, writePrecondition } from './conditions.ts';
import { readContent } from './content.ts';
import type { Endpoint } from './endpoint.ts';
import { isFilterError } from './filters.ts';
import { empty, invalidArgument, isProblem, keyLocked, problemAnswer } from './problems.ts';
import { mediaType, represent, selection } from './representation.ts';
import type { Position, Setting } from './setting.ts';
import { matchesTags, parseTagFilters } from './tagfilters.ts';
import type { ApiVersion } from './versions.ts';
import { linkHeader, viewOf } from './view.ts';

/** A call on `/kv/{key}` or `/locks/{key}` with everything checked so far. */
export interface SingleCall {
  readonly call: Call;
  readonly endpoint: Endpoint;
  readonly api: ApiVersion;
  readonly position: Position;
  readonly now: number;
}

/** `GET|HEAD /kv/{key}`; key and label are literals here, no grammar (A.5, A.6). */
export function getSetting({ call, endpoint, api, position, now }: SingleCall): Answer {
  const view = viewOf(call, endpoint, now);
  if (isProblem(view)) return problemAnswer(view, endpoint.sync());
  const { headers } = view;
  const tags = parseTagFilters(api.singleTags ? call.query.all('tags') : []);
  if (isFilterError(tags)) return problemAnswer(invalidArgument('tags', tags.error), headers);
  const setting = endpoint.store.get(position, view.version);
  if (!setting || !matchesTags(tags, setting.tags)) return empty(404, headers);
  const outcome = readPrecondition(call, setting.etag);
  if (outcome === 'failed') return empty(412, headers);
  if (outcome === 'not-modified') return { status: 304, headers };
  return represented(setting, call, api, { ...headers, ...linkHeader(undefined, view.links) });
}

/** `PUT /kv/{key}`: the precondition is checked before the lock (A.6). */
export function putSetting({ call, endpoint, api, position }: SingleCall): Answer {
  const existing = endpoint.store.get(position);
  if (!writePrecondition(call, existing?.etag)) return empty(412, syncOf(endpoint));
  if (existing?.locked) return problemAnswer(keyLocked(position.key), syncOf(endpoint));
  const content = readContent(call, position);
  if (isProblem(content)) return problemAnswer(content, syncOf(endpoint));
  const setting = endpoint.store.put(position, content);
  return represented(setting, call, api, syncOf(endpoint));
}

/** `DELETE /kv/{key}`: the last representation, or 204 when there was none (A.7). */
export function deleteSetting({ call, endpoint, api, position }: SingleCall): Answer {
  const existing = endpoint.store.get(position);
  if (!writePrecondition(call, existing?.etag)) return empty(412, syncOf(endpoint));
  if (existing?.locked) return problemAnswer(keyLocked(position.key), syncOf(endpoint));
  const deleted = endpoint.store.delete(position);
  return deleted ? represented(deleted, call, api, syncOf(endpoint)) : empty(204, syncOf(endpoint));
}

/** `PUT|DELETE /locks/{key}`: sets or clears read-only; 404 when the key-value is absent (A.7). */
export function setLock({ call, endpoint, api, position }: SingleCall): Answer {
  const existing = endpoint.store.get(position);
  if (!existing) return empty(404, syncOf(endpoint));
  if (!writePrecondition(call, existing.etag)) return empty(412, syncOf(endpoint));
  const setting = endpoint.store.lock(position, call.method === 'PUT') ?? existing;
  return represented(setting, call, api, syncOf(endpoint));
}

function represented(setting: Setting, call: Call, api: ApiVersion, sync: Record<string, string>): Answer {
  const select = selection(call);
  const headers = {
    'content-type': mediaType('kv'),
    etag: quoted(setting.etag),
    'last-modified': new Date(setting.lastModified).toUTCString(),
    ...sync,
  };
  return { status: 200, headers, body: JSON.stringify(represent(setting, api, select)) };
}

/** After a write: the writer's token shows the write. */
function syncOf(endpoint: Endpoint): Record<string, string> {
  return endpoint.sync(endpoint.store.latest());
}
