import type { KubernetesResult, ResourceType, ServiceAccountToken } from '../../ports/kubernetes.ts';
import type { Call } from './call.ts';
import { transport } from './errors.ts';
import type { HttpRequest } from './exchange.ts';
import { acceptHeader, jsonBody } from './media-types.ts';
import { resourcePath } from './resource-url.ts';

const SERVICE_ACCOUNTS: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
};

interface TokenRequest {
  readonly status?: { readonly token?: string; readonly expirationTimestamp?: string };
}

/** The TokenRequest API. Exactly one audience: Entra refuses an assertion with several. */
export async function requestToken(
  call: Call,
  { name, namespace }: { readonly namespace: string; readonly name: string },
  audience: string,
  expirationSeconds: number,
  signal: AbortSignal | undefined,
): Promise<KubernetesResult<ServiceAccountToken>> {
  const request: HttpRequest = {
    method: 'POST',
    path: resourcePath(SERVICE_ACCOUNTS, namespace, name, 'token'),
    accept: acceptHeader({}, 'object'),
    body: jsonBody({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: [audience], expirationSeconds },
    }),
  };
  const result = await call<TokenRequest>(
    { verb: 'create', resource: 'serviceaccounts/token' },
    request,
    signal,
  );
  return result.ok ? toToken(result.value) : result;
}

function toToken({ status }: TokenRequest): KubernetesResult<ServiceAccountToken> {
  const expiresAt = Date.parse(status?.expirationTimestamp ?? '');
  if (!status?.token || Number.isNaN(expiresAt)) return { ok: false, error: transport('BadJson') };
  return { ok: true, value: { token: status.token, expiresAt } };
}
