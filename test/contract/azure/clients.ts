import { Agent } from 'node:https';
import { AppConfigurationClient } from '@azure/app-configuration';
import type { AccessToken, TokenCredential } from '@azure/core-auth';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { ClientAssertionCredential, type ClientAssertionCredentialOptions } from '@azure/identity';
import { SecretClient, type SecretClientOptions } from '@azure/keyvault-secrets';
import type { Azure } from '../../../dev/azure/azure.ts';

/** One keep-alive agent per pretend Azure: standard proxy settings, its CA. */
export function agentFor(azure: Azure): Agent {
  return new Agent({ keepAlive: true, proxyEnv: { HTTPS_PROXY: azure.proxyUrl }, ca: azure.caPem });
}

/** The SDK's own proxy support opens a CONNECT per request; an agent on the request reuses connections. */
export function agentPolicy(agent: Agent): PipelinePolicy {
  return {
    name: 'agent',
    sendRequest: (request, next) => {
      request.agent = agent;
      return next(request);
    },
  };
}

function pipeline(agent: Agent) {
  return { additionalPolicies: [{ policy: agentPolicy(agent), position: 'perRetry' as const }] };
}

/** A credential that hands out one given token, whatever is asked. */
export function fixedToken(token: string): TokenCredential {
  const answer: AccessToken = { token, expiresOnTimestamp: Date.now() + 3_600_000 };
  return { getToken: async () => answer };
}

export function storeClient(
  agent: Agent,
  endpoint: string,
  credential: TokenCredential,
  maxRetries = 0,
  audience = 'https://azconfig.io',
) {
  return new AppConfigurationClient(endpoint, credential, {
    ...pipeline(agent),
    retryOptions: { maxRetries },
    audience,
  });
}

/** The SDK signing with an access key: `Endpoint=…;Id=…;Secret=…`. */
export function signedClient(agent: Agent, connectionString: string) {
  return new AppConfigurationClient(connectionString, {
    ...pipeline(agent),
    retryOptions: { maxRetries: 0 },
  });
}

export function secretClient(
  agent: Agent,
  uri: string,
  credential: TokenCredential,
  options: SecretClientOptions = {},
) {
  return new SecretClient(uri, credential, {
    ...pipeline(agent),
    retryOptions: { maxRetries: 0 },
    ...options,
  });
}

export function assertionCredential(
  agent: Agent,
  ids: { tenantId: string; clientId: string },
  assertion: () => Promise<string>,
  options: ClientAssertionCredentialOptions = {},
) {
  return new ClientAssertionCredential(ids.tenantId, ids.clientId, assertion, {
    ...pipeline(agent),
    retryOptions: { maxRetries: 0 },
    ...options,
  });
}
