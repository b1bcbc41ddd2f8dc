/**
 * The list of a vault through the SDK, which asks for pages after the first without the options of the call: what
 * they would do is done to the requests themselves.
 *
 * Guarantees: a token goes to no other host than the vault, wherever a link to the next page leads; every page carries
 * the id and ends with the signal of the call; the answer that is told is that of the last request.
 * Failure: links that leave the vault, or never end, do not speak Key Vault.
 */
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import type { SecretProperties } from '@azure/keyvault-secrets';
import type { ListedSecret } from '../../domain/settings.ts';
import type { RawAnswer } from './sdk-call.ts';

/** Against a server that never ends: 1,000 pages are 25,000 secrets, far beyond what a target can hold. */
const MAX_PAGES = 1_000;

/** What every request of one list has in common. */
export interface ListCall {
  readonly vault: string;
  readonly requestId?: string;
  readonly signal: AbortSignal;
}

export class ListRequests implements HttpClient {
  readonly #http: HttpClient;
  readonly #call: ListCall;
  #last: RawAnswer | undefined;

  constructor(http: HttpClient, call: ListCall) {
    this.#http = http;
    this.#call = call;
  }

  /** The answer to the last request, if it had one. */
  get last(): RawAnswer | undefined {
    return this.#last;
  }

  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const { vault, requestId, signal } = this.#call;
    const { protocol, host } = new URL(request.url);
    // The answer before stands: it is what cannot be used.
    if (protocol !== 'https:' || host !== vault) throw new Error('the next page lies on another host');
    this.#last = undefined;
    request.abortSignal = signal;
    if (requestId !== undefined) request.headers.set('x-ms-client-request-id', requestId);
    const response = await this.#http.sendRequest(request);
    this.#last = response;
    return response;
  }
}

/** All pages; throws on what no vault answers. */
export async function collectSecrets(
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
