import type { Answer, Call } from '../http/call.ts';
import type { Endpoint } from './endpoint.ts';
import { listSettings } from './lists.ts';
import { listNames } from './names.ts';
import { empty, isProblem, problemAnswer } from './problems.ts';
import { listRevisions } from './revisions.ts';
import { deleteSetting, getSetting, putSetting, type SingleCall, setLock } from './single.ts';
import { listSnapshots } from './snapshots/lists.ts';
import {
  getOperation,
  getSnapshot,
  patchSnapshot,
  putSnapshot,
  type SnapshotCall,
} from './snapshots/single.ts';
import { type ApiVersion, readVersion } from './versions.ts';

type Handlers<T> = Readonly<Record<string, (call: T) => Answer>>;

const SETTING: Readonly<Record<'kv' | 'locks', Handlers<SingleCall>>> = {
  kv: { GET: getSetting, HEAD: getSetting, PUT: putSetting, DELETE: deleteSetting },
  locks: { PUT: setLock, DELETE: setLock },
};

const SNAPSHOT: Handlers<SnapshotCall> = {
  GET: getSnapshot,
  HEAD: getSnapshot,
  PUT: putSnapshot,
  PATCH: patchSnapshot,
};

/** The routes of the data plane; any other verb on a known one is 405 with an empty body (A.2). */
export function route(call: Call, endpoint: Endpoint, now: number): Answer {
  const [, resource = '', ...rest] = call.path.split('/');
  const raw = rest.join('/');
  if (resource === 'kv' && raw === '') return ifRead(call, () => listSettings(call, endpoint, now));
  if (resource === 'keys' || resource === 'labels')
    return ifRead(call, () => listNames(resource, call, endpoint, now));
  if ((resource === 'kv' || resource === 'locks') && raw !== '')
    return setting(resource, raw, call, endpoint, now);
  if (resource === 'revisions')
    return ifRead(call, () => versioned(call, endpoint, (api) => listRevisions(call, endpoint, api, now)));
  if (resource === 'snapshots') return snapshot(raw, call, endpoint, now);
  return resource === 'operations' ? operation(call, endpoint, now) : empty(404);
}

function setting(resource: 'kv' | 'locks', raw: string, call: Call, endpoint: Endpoint, now: number): Answer {
  const handler = SETTING[resource][call.method];
  if (!handler) return empty(405);
  const key = decodeName(raw);
  if (key === undefined) return empty(400, endpoint.sync());
  const position = { key, label: labelOf(call) };
  return versioned(call, endpoint, (api) => handler({ call, endpoint, api, position, now }));
}

function snapshot(raw: string, call: Call, endpoint: Endpoint, now: number): Answer {
  if (raw === '')
    return ifRead(call, () => versioned(call, endpoint, (api) => listSnapshots(call, endpoint, api, now)));
  const handler = SNAPSHOT[call.method];
  if (!handler) return empty(405);
  const name = decodeName(raw);
  if (name === undefined) return empty(400, endpoint.sync());
  return versioned(call, endpoint, (api) => handler({ call, endpoint, api, name, now }));
}

function operation(call: Call, endpoint: Endpoint, now: number): Answer {
  if (call.method !== 'GET') return empty(405);
  const name = call.query.get('snapshot') ?? '';
  return versioned(call, endpoint, (api) => getOperation({ call, endpoint, api, name, now }));
}

function ifRead(call: Call, answer: () => Answer): Answer {
  return call.method === 'GET' || call.method === 'HEAD' ? answer() : empty(405);
}

function versioned(call: Call, endpoint: Endpoint, answer: (api: ApiVersion) => Answer): Answer {
  const api = readVersion(call.query.all('api-version'), `https://${call.host}${call.target}`);
  return isProblem(api) ? problemAnswer(api, endpoint.sync()) : answer(api);
}

/** The whole rest of the path; keys cannot contain `%` nor be `.` or `..` (A.2). */
function decodeName(raw: string): string | undefined {
  if (raw.includes('%25')) return undefined;
  try {
    const name = decodeURIComponent(raw);
    return name === '.' || name === '..' ? undefined : name;
  } catch {
    return undefined;
  }
}

/** Omitted, empty and `%00` all mean "no label" on single calls (A.5). */
function labelOf(call: Call): string | null {
  const label = call.query.get('label') ?? '';
  return label === '' || label === '\0' ? null : label;
}
