import { type Answer, type Call, header, type Service } from '../http/call.ts';
import { type Access, type AccessParts, admit } from './access.ts';
import type { Endpoint } from './endpoint.ts';
import { empty, problemAnswer, tooManyRequests } from './problems.ts';
import { route } from './routes.ts';

/** The data plane of App Configuration for the stores and replicas of one cloud (A). */
export class AppConfigService implements Service {
  readonly name = 'appconfig';
  readonly #find: (host: string) => Endpoint | undefined;
  readonly #parts: AccessParts;

  constructor(find: (host: string) => Endpoint | undefined, parts: AccessParts) {
    this.#find = find;
    this.#parts = parts;
  }

  answer(call: Call): Answer | Promise<Answer> {
    const endpoint = this.#find(call.host);
    if (!endpoint) return empty(404);
    const access = admit(call, endpoint, this.#parts);
    const go = (given: Access): Answer => echo(call, this.#serve(call, endpoint, given));
    return access instanceof Promise ? access.then(go) : go(access);
  }

  nativeError(status: number, call: Call): Answer {
    const endpoint = this.#find(call.host);
    const headers = endpoint && status < 500 ? { ...endpoint.sync() } : {};
    return status === 429 ? problemAnswer(tooManyRequests(), headers) : empty(status, headers);
  }

  #serve(call: Call, endpoint: Endpoint, access: Access): Answer {
    if ('refused' in access) return access.refused;
    return { ...route(call, endpoint, this.#parts.clock.now()), principal: access.principal };
  }
}

/** Request ids, echoed only on demand (A.3). */
function echo(call: Call, answer: Answer): Answer {
  if (header(call, 'x-ms-return-client-request-id') !== 'true') return answer;
  const id = header(call, 'x-ms-client-request-id');
  return id === undefined
    ? answer
    : { ...answer, headers: { ...answer.headers, 'x-ms-client-request-id': id } };
}
