/**
 * What a vault answers to a request without a token, learned once and told to all clients of that vault.
 *
 * Each client of the SDK begins with such a request, only to read the tenant and the resource out of the 401; with a
 * client per identity, a start would be a storm of them.
 *
 * Guarantees: requests with a token pass untouched; while the challenge of a vault is not known, requests without a token
 * wait for the one that is under way; a challenge is told for {@link CHALLENGE_MS}, or until a token was refused.
 * Assumptions: whoever is told a challenge verifies it against the host as if the vault had sent it (the SDK does).
 * Failure: what is no challenge is handed on, and not remembered; who waited for it asks, too.
 */
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { Clock } from '../../ports/clock.ts';
import { ClientCache } from './client-cache.ts';

/** Long enough for all clients of a start; a vault that moved to another tenant is asked again soon. */
export const CHALLENGE_MS = 60_000;
const MAX_VAULTS = 1_024;

interface Vault {
  challenge?: { readonly header: string; readonly until: number };
  /** Settles, and never rejects, when a request without a token has been answered. */
  asking?: Promise<void>;
}

export class VaultChallenges implements HttpClient {
  readonly #http: HttpClient;
  readonly #clock: Clock;
  readonly #vaults: ClientCache<Vault>;

  constructor(http: HttpClient, clock: Clock) {
    this.#http = http;
    this.#clock = clock;
    this.#vaults = new ClientCache(clock, MAX_VAULTS);
  }

  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const vault = this.#vaults.get(new URL(request.url).host, () => ({}));
    if (request.headers.has('authorization')) return this.#sendWithToken(request, vault);
    // Not awaited where there is none: others would come in between.
    if (!this.#isKnown(vault) && vault.asking) await vault.asking;
    if (this.#isKnown(vault)) return told(request, vault.challenge.header);
    const answer = this.#http.sendRequest(request);
    vault.asking = answer.then(
      (response) => this.#learn(vault, response),
      () => this.#learn(vault),
    );
    return answer;
  }

  async #sendWithToken(request: PipelineRequest, vault: Vault): Promise<PipelineResponse> {
    const response = await this.#http.sendRequest(request);
    if (response.status === 401) delete vault.challenge;
    return response;
  }

  #learn(vault: Vault, response?: PipelineResponse): void {
    delete vault.asking;
    const header = response?.status === 401 ? response.headers.get('www-authenticate') : undefined;
    if (header === undefined || !CHALLENGE.test(header)) return;
    vault.challenge = { header, until: this.#clock.now() + CHALLENGE_MS };
  }

  /** One that ends later than it could have been learned is of a clock that was set back. */
  #isKnown(vault: Vault): vault is Vault & Required<Pick<Vault, 'challenge'>> {
    const remaining = (vault.challenge?.until ?? 0) - this.#clock.now();
    return remaining > 0 && remaining <= CHALLENGE_MS;
  }
}

/** `Bearer authorization="https://login…/<tenant>", resource="https://vault.azure.net"`, without an error in it. */
const CHALLENGE = /^Bearer authorization="[^"]+",\s*resource="[^"]+"$/i;

const told = (request: PipelineRequest, header: string): PipelineResponse => ({
  request,
  status: 401,
  headers: createHttpHeaders({ 'www-authenticate': header }),
  bodyAsText: '',
});
