import { type Answer, type Call, header, type Service } from '../http/call.ts';
import { type Access, type AccessParts, admit } from './access.ts';
import { listSettings } from './lists.ts';
import { listNames } from './names.ts';
import { empty, isProblem, problemAnswer, tooManyRequests } from './problems.ts';
import { deleteSetting, getSetting, putSetting, type SingleCall, setLock } from './single.ts';
import type { Store } from './store.ts';
import { readVersion } from './versions.ts';

/** The data plane of App Configuration for the stores of one cloud (A). */
export class AppConfigService implements Service {
  readonly name = 'appconfig';
  readonly #findStore: (host: string) => Store | undefined;
  readonly #parts: AccessParts;

  constructor(findStore: (host: string) => Store | undefined, parts: AccessParts) {
    this.#findStore = findStore;
    this.#parts = parts;
  }

  answer(call: Call): Answer | Promise<Answer> {
    const store = this.#findStore(call.host);
    if (!store) return empty(404);
    const access = admit(call, store, this.#parts);
    const go = (given: Access): Answer =>
      echo(call, 'refused' in given ? given.refused : serve(call, store, given));
    return access instanceof Promise ? access.then(go) : go(access);
  }

  nativeError(status: number, call: Call): Answer {
    const store = this.#findStore(call.host);
    const headers =
      store && status < 500 ? { 'sync-token': store.syncTokens.format(store.visible(0).sn) } : {};
    return status === 429 ? problemAnswer(tooManyRequests(), headers) : empty(status, headers);
  }
}

function serve(call: Call, store: Store, { principal }: Exclude<Access, { refused: Answer }>): Answer {
  return { ...route(call, store), principal: principal.clientId };
}

/** Any other verb on a known route is 405 with an empty body (A.2). */
function route(call: Call, store: Store): Answer {
  const [, resource = '', ...rest] = call.path.split('/');
  const rawKey = rest.join('/');
  const reads = call.method === 'GET' || call.method === 'HEAD';
  if (resource === 'kv' && rawKey === '') return reads ? listSettings(call, store) : empty(405);
  if (resource === 'keys' || resource === 'labels')
    return reads ? listNames(resource, call, store) : empty(405);
  if ((resource === 'kv' || resource === 'locks') && rawKey !== '')
    return single(resource, rawKey, call, store);
  return empty(404);
}

function single(resource: 'kv' | 'locks', rawKey: string, call: Call, store: Store): Answer {
  const handler = HANDLERS[resource][call.method];
  if (!handler) return empty(405);
  const sync = { 'sync-token': store.syncTokens.format(store.visible(0).sn) };
  const key = decodeKey(rawKey);
  if (key === undefined) return empty(400, sync);
  const api = readVersion(call.query.all('api-version'), `https://${call.host}${call.target}`);
  if (isProblem(api)) return problemAnswer(api, sync);
  return handler({ call, store, api, position: { key, label: labelOf(call) } });
}

const HANDLERS: Record<'kv' | 'locks', Record<string, (single: SingleCall) => Answer>> = {
  kv: { GET: getSetting, HEAD: getSetting, PUT: putSetting, DELETE: deleteSetting },
  locks: { PUT: setLock, DELETE: setLock },
};

/** The whole rest of the path; keys cannot contain `%` nor be `.` or `..` (A.2). */
function decodeKey(raw: string): string | undefined {
  if (raw.includes('%25')) return undefined;
  try {
    const key = decodeURIComponent(raw);
    return key === '.' || key === '..' ? undefined : key;
  } catch {
    return undefined;
  }
}

/** Omitted, empty and `%00` all mean "no label" on single calls (A.5). */
function labelOf(call: Call): string | null {
  const label = call.query.get('label') ?? '';
  return label === '' || label === '\0' ? null : label;
}

/** Request ids, echoed only on demand (A.3). */
function echo(call: Call, answer: Answer): Answer {
  if (header(call, 'x-ms-return-client-request-id') !== 'true') return answer;
  const id = header(call, 'x-ms-client-request-id');
  return id === undefined
    ? answer
    : { ...answer, headers: { ...answer.headers, 'x-ms-client-request-id': id } };
}
