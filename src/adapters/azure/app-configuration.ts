/**
 * App Configuration through its SDK, as the sources need it.
 *
 * Guarantees: the ETags returned belong to what was read, page by page, also when the store changes meanwhile
 * (the next poll sees the difference); every failure is a value; a read is never silently shorter than the store
 * said; one client per (endpoint, identity), so no token is ever sent for another identity.
 * Assumptions: callers limit concurrency and repeat; SDK retries are off.
 */
import { AppConfigurationClient } from '@azure/app-configuration';
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient, PipelinePolicy } from '@azure/core-rest-pipeline';
import { type CloudName, storeAudience } from '../../domain/clouds.ts';
import { cancelled, fail, ok, type Result } from '../../domain/failure.ts';
import type { Identity, TokenIdentity } from '../../domain/identity/identity.ts';
import {
  isSnapshot,
  type Selection,
  type Setting,
  type SnapshotFilter,
} from '../../domain/store/settings.ts';
import type { PageTags, SettingsPages, SettingsReader, StoreRequest } from '../../ports/azure.ts';
import type { Clock } from '../../ports/clock.ts';
import { ClientCache } from './client-cache.ts';
import { headSnapshot, readSnapshot, type SnapshotRead } from './snapshot-reads.ts';
import { storeFailure } from './store-errors.ts';
import { getPage, headOrCause, newestOf, type Page } from './store-pages.ts';
import { type FetchPage, walkPages } from './store-walk.ts';
import { SyncTokens, syncTokenPolicy } from './sync-tokens.ts';

/** Pinned: page ETags of different API versions are not comparable. Part of the targets' input hash. */
export const STORE_API_VERSION = '2026-04-01';
const MAX_CLIENTS = 512;

export interface StoreOptions {
  readonly http: HttpClient;
  readonly credentialFor: (identity: TokenIdentity) => TokenCredential;
  readonly cloud: CloudName;
  /** Replaces the audience that follows from the endpoint's host. */
  readonly audienceOverride?: string;
  readonly clock: Clock;
  readonly userAgent: string;
}

export class AppConfigurationReader implements SettingsReader {
  readonly #options: StoreOptions;
  readonly #clients: ClientCache<AppConfigurationClient>;
  readonly #syncTokens: ClientCache<SyncTokens>;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#clients = new ClientCache(options.clock, MAX_CLIENTS);
    this.#syncTokens = new ClientCache(options.clock, MAX_CLIENTS);
  }

  async headPages(
    selection: StoreRequest,
    identity: Identity,
    known: readonly string[],
    signal: AbortSignal,
  ): Promise<Result<PageTags>> {
    if (signal.aborted) return fail(cancelled);
    const { filter } = selection;
    if (isSnapshot(filter))
      return headSnapshot(this.#snapshotRead(selection, filter, identity, signal), known);
    const pages = await this.#pages(headOrCause, selection, identity, known, signal);
    return pages.ok ? ok(tagsOf(selection, pages.value)) : pages;
  }

  async readPages(
    selection: StoreRequest,
    identity: Identity,
    signal: AbortSignal,
  ): Promise<Result<SettingsPages>> {
    if (signal.aborted) return fail(cancelled);
    const { filter } = selection;
    if (isSnapshot(filter)) return readSnapshot(this.#snapshotRead(selection, filter, identity, signal));
    const pages = await this.#pages(getPage, selection, identity, [], signal);
    if (!pages.ok) return pages;
    const settings: Setting[] = pages.value.flatMap((page) => page.settings ?? []);
    return ok({ ...tagsOf(selection, pages.value), settings, ...newestOf(pages.value) });
  }

  async #pages(
    fetch: FetchPage,
    request: StoreRequest,
    identity: Identity,
    known: readonly string[],
    signal: AbortSignal,
  ): Promise<Result<readonly Page[]>> {
    const { endpoint, store, filter } = request;
    const walked = await walkPages(fetch, this.#client(request, identity), { filter, known, signal });
    if (walked.kind === 'pages') return ok(walked.pages);
    return fail(storeFailure(walked, { endpoint, store, filter, identity }, this.#options.clock.now()));
  }

  #snapshotRead(
    request: StoreRequest,
    filter: SnapshotFilter,
    identity: Identity,
    signal: AbortSignal,
  ): SnapshotRead {
    const now = () => this.#options.clock.now();
    const client = this.#client(request, identity);
    const { endpoint, store } = request;
    return { client, endpoint, store, filter, identity, signal, now };
  }

  #client({ endpoint, patienceMs = 0 }: StoreRequest, identity: Identity): AppConfigurationClient {
    const { http, cloud, audienceOverride, userAgent } = this.#options;
    // Both are asked for on each use, so that they live as long as a client that holds them.
    const tokens = this.#syncTokens.get(endpoint, () => new SyncTokens());
    const login = this.#login(endpoint, identity);
    return this.#clients.get(`${endpoint} ${patienceMs} ${identity.key}`, () => {
      const audience = audienceOverride ?? storeAudience(new URL(endpoint).hostname, cloud);
      const options = {
        apiVersion: STORE_API_VERSION,
        audience,
        httpClient: http,
        retryOptions: { maxRetries: 0 },
        redirectOptions: { maxRetries: 0 },
        userAgentOptions: { userAgentPrefix: userAgent },
        additionalPolicies: [
          { policy: syncTokenPolicy(tokens), position: 'perRetry' as const },
          { policy: patiencePolicy(patienceMs), position: 'perCall' as const },
        ],
      };
      return typeof login === 'string'
        ? new AppConfigurationClient(login, options)
        : new AppConfigurationClient(endpoint, login, options);
    });
  }

  /** A token credential, or a connection string for exactly this endpoint: replicas take the keys of their store. */
  #login(endpoint: string, identity: Identity): TokenCredential | string {
    if (identity.kind !== 'ConnectionString') return this.#options.credentialFor(identity);
    const { id, secret } = identity.accessKey.reveal();
    return `Endpoint=${endpoint};Id=${id};Secret=${secret}`;
  }
}

/** 0: as long as any other request may take. */
const patiencePolicy = (patienceMs: number): PipelinePolicy => ({
  name: 'patience',
  sendRequest(request, next) {
    request.timeout = patienceMs;
    return next(request);
  },
});

const tagsOf = ({ endpoint }: Selection, pages: readonly Page[]): PageTags => ({
  host: new URL(endpoint).host,
  etags: pages.map(({ etag }) => etag),
});
