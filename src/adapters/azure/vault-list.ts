/**
 * The list of a vault through the SDK, which asks for pages after the first without the options of the call: what
 * they would do is done to the requests themselves, on their way out of the client that reads secrets, too.
 *
 * Guarantees: a token goes to no other host than the vault, wherever a link to the next page leads; every page carries
 * the id and ends with the signal of the call; the answer that is told is that of the last request; requests of other
 * calls pass untouched.
 * Failure: links that leave the vault, or never end, do not speak Key Vault.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import type { SecretClient, SecretProperties } from '@azure/keyvault-secrets';
import type { ListedSecret } from '../../domain/secrets/secret.ts';
import { callSdk, type RawAnswer, type SdkOutcome } from './sdk-call.ts';

/** Against a server that never ends: 1,000 pages are 25,000 secrets, far beyond what a target can hold. */
const MAX_PAGES = 1_000;

/** What every request of one list has in common. */
export interface ListCall {
  readonly vault: string;
  readonly requestId?: string;
  readonly signal: AbortSignal;
}

/** A list under way. */
interface Underway {
  readonly call: ListCall;
  /** To the last request, if it has one. */
  last: RawAnswer | undefined;
}

export class VaultLists implements HttpClient {
  readonly #http: HttpClient;
  /** Which list a request belongs to: nothing in the request itself tells that of a later page. */
  readonly #underway = new AsyncLocalStorage<Underway>();

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /** Reads all pages through `client`, whose requests go through this. */
  list(client: SecretClient, call: ListCall): Promise<SdkOutcome<readonly ListedSecret[]>> {
    const list: Underway = { call, last: undefined };
    return callSdk(async (onResponse) => {
      try {
        return await this.#underway.run(list, () =>
          collectSecrets(client.listPropertiesOfSecrets().byPage()),
        );
      } finally {
        if (list.last !== undefined) onResponse(list.last);
      }
    }, call.signal);
  }

  sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const list = this.#underway.getStore();
    return list === undefined ? this.#http.sendRequest(request) : this.#sendPage(request, list);
  }

  async #sendPage(request: PipelineRequest, list: Underway): Promise<PipelineResponse> {
    const { vault, requestId, signal } = list.call;
    const { protocol, host } = new URL(request.url);
    // The answer before stands: it is what cannot be used.
    if (protocol !== 'https:' || host !== vault) throw new Error('the next page lies on another host');
    list.last = undefined;
    request.abortSignal = signal;
    if (requestId !== undefined) request.headers.set('x-ms-client-request-id', requestId);
    const response = await this.#http.sendRequest(request);
    list.last = response;
    return response;
  }
}

/** All pages; throws on what no vault answers. */
async function collectSecrets(
  pages: AsyncIterable<readonly SecretProperties[]>,
): Promise<readonly ListedSecret[]> {
  const secrets: ListedSecret[] = [];
  let count = 0;
  for await (const page of pages) {
    count += 1;
    if (count > MAX_PAGES) throw new Error('the list does not end');
    secrets.push(...page.map(listedSecret));
  }
  return secrets;
}

function listedSecret(properties: SecretProperties): ListedSecret {
  const { name, enabled, updatedOn, managed, contentType, tags } = properties;
  if (updatedOn === undefined || !/^[0-9A-Za-z-]{1,127}$/.test(name)) throw new Error('no secret');
  return {
    name,
    enabled: enabled !== false,
    updatedAt: updatedOn.getTime(),
    managed: managed === true,
    ...(contentType ? { contentType } : {}),
    tags: tags ?? {},
  };
}
