import { type Answer, type Call, header } from '../http/call.ts';
import { quoted, readPrecondition, writePrecondition } from './conditions.ts';
import { readContent } from './content.ts';
import { isFilterError } from './filters.ts';
import { empty, invalidArgument, isProblem, keyLocked, problemAnswer } from './problems.ts';
import { mediaType, represent, selection } from './representation.ts';
import type { Position, Setting } from './setting.ts';
import type { Store } from './store.ts';
import { matchesTags, parseTagFilters } from './tagfilters.ts';
import type { ApiVersion } from './versions.ts';

/** A call on `/kv/{key}` or `/locks/{key}` with everything checked so far. */
export interface SingleCall {
  readonly call: Call;
  readonly store: Store;
  readonly api: ApiVersion;
  readonly position: Position;
}

/** `GET|HEAD /kv/{key}`; key and label are literals here, no grammar (A.5, A.6). */
export function getSetting({ call, store, api, position }: SingleCall): Answer {
  const version = store.visible(store.syncTokens.read(header(call, 'sync-token')));
  const sync = { 'sync-token': store.syncTokens.format(version.sn) };
  const tags = parseTagFilters(api.singleTags ? call.query.all('tags') : []);
  if (isFilterError(tags)) return problemAnswer(invalidArgument('tags', tags.error), sync);
  const setting = store.get(position, version);
  if (!setting || !matchesTags(tags, setting.tags)) return empty(404, sync);
  const outcome = readPrecondition(call, setting.etag);
  if (outcome === 'failed') return empty(412, sync);
  if (outcome === 'not-modified') return { status: 304, headers: sync };
  return represented(setting, call, api, sync);
}

/** `PUT /kv/{key}`: the precondition is checked before the lock (A.6). */
export function putSetting({ call, store, api, position }: SingleCall): Answer {
  const existing = store.get(position);
  if (!writePrecondition(call, existing?.etag)) return empty(412, syncOf(store));
  if (existing?.locked) return problemAnswer(keyLocked(position.key), syncOf(store));
  const content = readContent(call, position);
  if (isProblem(content)) return problemAnswer(content, syncOf(store));
  const setting = store.put(position, content);
  return represented(setting, call, api, syncOf(store));
}

/** `DELETE /kv/{key}`: the last representation, or 204 when there was none (A.7). */
export function deleteSetting({ call, store, api, position }: SingleCall): Answer {
  const existing = store.get(position);
  if (!writePrecondition(call, existing?.etag)) return empty(412, syncOf(store));
  if (existing?.locked) return problemAnswer(keyLocked(position.key), syncOf(store));
  const deleted = store.delete(position);
  return deleted ? represented(deleted, call, api, syncOf(store)) : empty(204, syncOf(store));
}

/** `PUT|DELETE /locks/{key}`: sets or clears read-only; 404 when the key-value is absent (A.7). */
export function setLock({ call, store, api, position }: SingleCall): Answer {
  const existing = store.get(position);
  if (!existing) return empty(404, syncOf(store));
  if (!writePrecondition(call, existing.etag)) return empty(412, syncOf(store));
  const setting = store.lock(position, call.method === 'PUT') ?? existing;
  return represented(setting, call, api, syncOf(store));
}

function represented(setting: Setting, call: Call, api: ApiVersion, sync: Record<string, string>): Answer {
  const select = selection(call.query.get('$select') ?? call.query.get('fields'));
  const headers = {
    'content-type': mediaType('kv'),
    etag: quoted(setting.etag),
    'last-modified': new Date(setting.lastModified).toUTCString(),
    ...sync,
  };
  return { status: 200, headers, body: JSON.stringify(represent(setting, api, select)) };
}

function syncOf(store: Store): Record<string, string> {
  return { 'sync-token': store.syncTokens.format(store.latest().sn) };
}
