import { type Answer, type Call, json, type Service } from '../http/call.ts';
import type { Directory } from './directory.ts';
import { entraErrors, errorAnswer } from './errors.ts';
import type { SigningKey } from './keys.ts';
import { instanceDiscovery, tenantMetadata } from './metadata.ts';
import { type TokenEndpointParts, tokenEndpoint } from './token-endpoint.ts';

export interface EntraParts extends TokenEndpointParts {
  readonly directory: Directory;
  readonly key: SigningKey;
}

/**
 * Entra ID of one cloud: discovery, keys and the v2 token endpoint for applications and workload identities (C).
 *
 * Limits: no users, no consent; an unknown path is 404.
 */
export class EntraService implements Service {
  readonly name = 'entra';
  readonly #parts: EntraParts;

  constructor(parts: EntraParts) {
    this.#parts = parts;
  }

  answer(call: Call): Answer | Promise<Answer> {
    const [tenant = '', ...rest] = call.path.split('/').filter((part) => part !== '');
    const route = rest.join('/');
    if (call.method === 'GET') return this.#read(call, decodeURIComponentOr(tenant), route);
    if (call.method === 'POST' && route === 'oauth2/v2.0/token') return this.#token(tenant, call);
    return notFound();
  }

  nativeError(status: number): Answer {
    const failure = status === 429 ? entraErrors.throttled() : entraErrors.unavailable(status);
    return errorAnswer(failure, this.#parts);
  }

  #read(call: Call, tenant: string, route: string): Answer {
    if (route === 'discovery/instance') return this.#discovery(call);
    if (/^discovery\/(v2\.0\/)?keys$/.test(route)) return json(200, { keys: [this.#parts.key.jwk] });
    if (!/^(v2\.0\/)?\.well-known\/openid-configuration$/.test(route)) return notFound();
    const found = this.#parts.directory.tenant(tenant);
    // Discovery of an unknown tenant has the token endpoint's own 90002 body (C.4).
    if (!found) return errorAnswer(entraErrors.unknownTenant(tenant), this.#parts);
    return json(200, tenantMetadata(found, this.#parts.names));
  }

  #discovery(call: Call): Answer {
    const endpoint = call.query.get('authorization_endpoint') ?? '';
    const tenant = /^https:\/\/[^/]+\/([^/]+)\//.exec(endpoint)?.[1] ?? 'common';
    return json(200, instanceDiscovery(tenant, this.#parts.names));
  }

  #token(tenant: string, call: Call): Answer | Promise<Answer> {
    const found = this.#parts.directory.tenant(decodeURIComponentOr(tenant));
    if (found) return tokenEndpoint(found, call.body, this.#parts);
    return errorAnswer(entraErrors.unknownTenant(tenant), this.#parts);
  }
}

function notFound(): Answer {
  return { status: 404 };
}

function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
