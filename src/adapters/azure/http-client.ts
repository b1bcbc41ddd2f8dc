/**
 * The one way out to Azure: an HTTP client that the three SDKs share.
 *
 * Guarantees: connections are kept alive and go through the given proxy; no redirect is followed (its
 * `Location` is hidden from the SDKs, so a token never leaves the host it was made for); every attempt ends
 * within {@link TOTAL_MS}; every request is counted.
 * Assumptions: all requests are reads, so one that meets a connection closed under it may be repeated.
 * Failure: transport errors are RestErrors with an errno as `code`; a deadline has the code `ETIMEDOUT`.
 */
import { Agent as PlainAgent } from 'node:http';
import { Agent } from 'node:https';
import { setImmediate } from 'node:timers/promises';
import {
  createDefaultHttpClient,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import type { Clock } from '../../ports/clock.ts';
import type { AzureService, Metrics } from '../../ports/metrics.ts';
import { operationOf } from './operations.ts';

/**
 * From the start of a request to the first byte of its body: connecting and waiting for headers. The `timeout` of a
 * request replaces it.
 */
export const FIRST_BYTE_MS = 10_000;
/** From the start of a request to the last byte of its body. */
export const TOTAL_MS = 30_000;
/** Idle connections close after this long, below the 4 min at which Azure's balancers drop them silently. */
export const IDLE_CONNECTION_MS = 90_000;

/** Proxy settings by their environment names: HTTPS_PROXY, HTTP_PROXY, NO_PROXY, in upper or lower case. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

export interface HttpOptions {
  readonly proxyEnv: ProxyEnvironment;
  /** PEM certificates trusted instead of Node's defaults. */
  readonly ca?: readonly string[];
  readonly metrics: Metrics;
  readonly clock: Clock;
}

export interface SharedHttp {
  /** The client for one service; all of them share connections, but for one with agents of its own. */
  client(service: AzureService, agents?: () => Promise<Agent>): HttpClient;
  /** Closes idle connections. */
  close(): void;
}

export function createSharedHttp({ proxyEnv, ca, metrics, clock }: HttpOptions): SharedHttp {
  const agent = new Agent({
    keepAlive: true,
    timeout: IDLE_CONNECTION_MS,
    // The SDKs' own proxy support opens a tunnel and a TLS session per request; Node's agent keeps them.
    proxyEnv: { ...proxyEnv },
    ...(ca === undefined ? {} : { ca: [...ca] }),
  });
  const direct = new PlainAgent({ keepAlive: true, timeout: IDLE_CONNECTION_MS });
  const used = new Set<Agent | PlainAgent>();
  const transport = createDefaultHttpClient();
  const client: SharedHttp['client'] = (service, agents) => ({
    async sendRequest(request) {
      // No proxy can reach the instance metadata service of the node.
      const chosen = agents ? await agents() : service === 'imds' ? direct : agent;
      request.agent = chosen;
      used.add(chosen);
      const operation = operationOf(service, request.method, request.url);
      const count = (code: string) => metrics.increment('azure_requests_total', { service, operation, code });
      try {
        const response = await repeatOnReset(() => withDeadline(transport, request, clock));
        count(String(response.status));
        // A HEAD is answered before its socket is back in the pool: the next page would open another.
        if (request.method === 'HEAD') await setImmediate();
        return withoutRedirect(response);
      } catch (error) {
        count(causeOf(error));
        throw error;
      }
    },
  });
  const close = () => {
    for (const one of used) one.destroy();
  };
  return { client, close };
}

/** A connection that idled too long is closed just as we use it: that cannot be told from a fault, so try once more. */
async function repeatOnReset(send: () => Promise<PipelineResponse>): Promise<PipelineResponse> {
  try {
    return await send();
  } catch (error) {
    const code = error instanceof RestError ? error.code : undefined;
    if (code !== 'ECONNRESET' && code !== 'EPIPE') throw error;
    return send();
  }
}

/** The SDKs reuse a request for challenges, so what is set here is taken back in the end. */
async function withDeadline(
  transport: HttpClient,
  request: PipelineRequest,
  clock: Clock,
): Promise<PipelineResponse> {
  const { abortSignal, onDownloadProgress, timeout } = request;
  const expiry = new AbortController();
  const expire = () => expiry.abort();
  const firstByte = clock.setTimer(timeout > 0 ? timeout : FIRST_BYTE_MS, expire);
  const total = clock.setTimer(TOTAL_MS, expire);
  // The SDKs' own timer runs on until the body has ended, and reports as if the caller had given up.
  request.timeout = 0;
  request.abortSignal = abortSignal ? either(abortSignal, expiry.signal) : expiry.signal;
  request.onDownloadProgress = (progress) => {
    firstByte.cancel();
    onDownloadProgress?.(progress);
  };
  try {
    return await transport.sendRequest(request);
  } catch (error) {
    if (!expiry.signal.aborted || abortSignal?.aborted) throw error;
    throw new RestError('no answer in time', { code: 'ETIMEDOUT' });
  } finally {
    firstByte.cancel();
    total.cancel();
    restore(request, { abortSignal, onDownloadProgress, timeout });
  }
}

type Changed = Pick<PipelineRequest, 'abortSignal' | 'onDownloadProgress' | 'timeout'>;

function restore(
  request: PipelineRequest,
  before: { [K in keyof Changed]: Changed[K] | undefined } & Pick<Changed, 'timeout'>,
): void {
  request.timeout = before.timeout;
  if (before.abortSignal) request.abortSignal = before.abortSignal;
  else delete request.abortSignal;
  if (before.onDownloadProgress) request.onDownloadProgress = before.onDownloadProgress;
  else delete request.onDownloadProgress;
}

/** The SDKs know signals by a smaller interface than the platform's; ours are always the platform's. */
function either(first: NonNullable<PipelineRequest['abortSignal']>, second: AbortSignal): AbortSignal {
  return first instanceof AbortSignal ? AbortSignal.any([first, second]) : second;
}

function withoutRedirect(response: PipelineResponse): PipelineResponse {
  if (response.status >= 300 && response.status < 400) response.headers.delete('location');
  return response;
}

function causeOf(error: unknown): string {
  if (error instanceof RestError) return error.code === 'ETIMEDOUT' ? 'timeout' : 'network';
  return error instanceof Error && error.name === 'AbortError' ? 'cancelled' : 'network';
}
