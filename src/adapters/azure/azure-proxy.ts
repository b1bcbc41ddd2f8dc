/**
 * The proxy of AKS that exchanges ServiceAccount tokens for those of an identity binding, in the place of Entra.
 *
 * A request to Entra is sent to the proxy as it is, with its path behind that of the proxy. In TLS the proxy has a name
 * of its own, by which the API server of the cluster leads to it, and the authority of the cluster
 * (`createAksProxyClient` of @azure/identity, which reads its settings from `process.env` and files of its own).
 *
 * Guarantees: nothing goes to Entra itself; the proxy is reached directly, as an API server is; a changed CA file is
 * used by the next request, and one that is empty, in the middle of its rotation, is not.
 * Failure: that of the transport, or the errno of a CA file that cannot be read.
 */
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { IDLE_CONNECTION_MS, type SharedHttp } from './http-client.ts';

export interface AzureProxy {
  /** `https://<host>[:<port>][/<path>]`, without a slash at the end. */
  readonly url: string;
  /** '' for the host of the URL. */
  readonly serverName: string;
  /** Absent: the usual authorities. */
  readonly ca: { readonly file: string } | { readonly pem: string } | undefined;
}

/** A client for whatever would go to Entra. */
export function azureProxyClient(proxy: AzureProxy, http: SharedHttp): HttpClient {
  const client = http.client('entra', agentsFor(proxy));
  return {
    async sendRequest(request) {
      const { url } = request;
      request.url = throughProxy(url, proxy);
      try {
        return await client.sendRequest(request);
      } finally {
        // The SDK may reuse the request.
        request.url = url;
      }
    },
  };
}

/** `https://login…/<tenant>/oauth2/v2.0/token?x=y` → `<proxy>/<tenant>/oauth2/v2.0/token?x=y`. */
export function throughProxy(url: string, proxy: Pick<AzureProxy, 'url'>): string {
  const { pathname, search } = new URL(url);
  return `${proxy.url}${pathname}${search}`;
}

/** An agent, and a new one whenever the file has other authorities. */
function agentsFor({ serverName, ca }: AzureProxy): () => Promise<Agent> {
  let known: { readonly pem: string | undefined; readonly agent: Agent } | undefined;
  return async () => {
    const read = ca === undefined ? undefined : 'pem' in ca ? ca.pem : await readFile(ca.file, 'utf8');
    const pem = read === '' ? known?.pem : read;
    if (known === undefined || known.pem !== pem) {
      known?.agent.destroy();
      known = { pem, agent: newAgent(serverName, pem) };
    }
    return known.agent;
  };
}

const newAgent = (serverName: string, pem: string | undefined): Agent =>
  new Agent({
    keepAlive: true,
    timeout: IDLE_CONNECTION_MS,
    ...(serverName === '' ? {} : { servername: serverName }),
    ...(pem === undefined ? {} : { ca: pem }),
  });
