import { randomUUID } from 'node:crypto';
import type { Principal, TokenVerifier } from '../entra/verifier.ts';
import type { CloudNames } from '../hosts.ts';
import { type Answer, type Call, header, type Service } from '../http/call.ts';
import type { RoleAssignments } from '../roles.ts';
import { challenge } from './challenge.ts';
import { badParameter, errorAnswer, networkRefused, noPermission, REGION, throttled } from './errors.ts';
import { deleteSecret, getSecret, listSecrets, listVersions, putSecret } from './secrets.ts';
import type { Vault } from './vault.ts';

export interface KeyVaultParts {
  readonly names: CloudNames;
  readonly verifier: TokenVerifier;
  readonly roles: RoleAssignments;
}

type Operation = 'get' | 'list' | 'set' | 'delete';

interface Route {
  readonly operation: Operation;
  /** '' on lists of the vault. */
  readonly secret: string;
  readonly run: (vault: Vault, call: Call) => Answer;
}

const API_VERSION = /^(7\.[2-6](-preview\.\d+)?|\d{4}-\d{2}-\d{2}(-preview)?)$/;
const NAME = /^[0-9A-Za-z-]{1,127}$/;

/**
 * The secrets data plane of Key Vault (B).
 *
 * Order of checks: token (the challenge comes first regardless), firewall, API version, name, role, then the secret.
 */
export class KeyVaultService implements Service {
  readonly name = 'keyvault';
  readonly #findVault: (host: string) => Vault | undefined;
  readonly #parts: KeyVaultParts;

  constructor(findVault: (host: string) => Vault | undefined, parts: KeyVaultParts) {
    this.#findVault = findVault;
    this.#parts = parts;
  }

  async answer(call: Call): Promise<Answer> {
    const vault = this.#findVault(call.host);
    if (!vault) return { status: 404 };
    const { names, verifier } = this.#parts;
    const audiences = [names.vaultAudience, `${names.vaultAudience}/`];
    const expected = { tenantId: vault.tenantId, audiences };
    const verdict = await verifier.verify(header(call, 'authorization'), expected);
    const answer =
      'refusal' in verdict
        ? challenge(vault, verdict.refusal, names)
        : this.#serve(call, vault, verdict.principal);
    return { ...answer, headers: { ...commonHeaders(call), ...answer.headers } };
  }

  nativeError(status: number, call: Call): Answer {
    const answer = status === 429 ? throttled() : errorAnswer(status, codeOf(status), 'The service failed.');
    return { ...answer, headers: { ...commonHeaders(call), ...answer.headers } };
  }

  #serve(call: Call, vault: Vault, caller: Principal): Answer {
    return { ...this.#answerTo(call, vault, caller), principal: caller.clientId };
  }

  #answerTo(call: Call, vault: Vault, caller: Principal): Answer {
    if (vault.network !== 'open') return networkRefused(vault, caller);
    const version = call.query.get('api-version') ?? '';
    if (!API_VERSION.test(version))
      return badParameter(`The specified version (api-version=${version}) is invalid.`);
    const route = routeOf(call);
    if (!route) return errorAnswer(404, 'NotFound', 'The resource was not found.');
    if (route.secret !== '' && !NAME.test(route.secret)) return badParameter('The secret name is invalid.');
    if (!this.#parts.roles.allows(caller.objectId, vault.host, `secrets:${route.operation}`)) {
      return noPermission(vault, caller, route.operation, route.secret);
    }
    return route.run(vault, call);
  }
}

/** Paths with and without the trailing slash are the same: the JavaScript SDK sends one (B.2). */
function routeOf(call: Call): Route | undefined {
  const [collection, name = '', version = '', ...rest] = call.path.split('/').slice(1);
  if (collection !== 'secrets' || rest.some((part) => part !== '')) return undefined;
  const key = `${call.method} ${name === '' ? 'vault' : version === '' ? 'secret' : 'version'}`;
  if (key === 'GET version' && version === 'versions') {
    return { operation: 'list', secret: name, run: (vault) => listVersions(vault, name, call) };
  }
  return ROUTES[key]?.(name, version);
}

const ROUTES: Readonly<Record<string, (name: string, version: string) => Route>> = {
  'GET vault': () => ({ operation: 'list', secret: '', run: listSecrets }),
  'GET secret': (name) => ({ operation: 'get', secret: name, run: (vault) => getSecret(vault, name, '') }),
  'GET version': (name, version) => ({
    operation: 'get',
    secret: name,
    run: (vault) => getSecret(vault, name, version),
  }),
  'PUT secret': (name) => ({
    operation: 'set',
    secret: name,
    run: (vault, call) => putSecret(vault, name, call),
  }),
  'DELETE secret': (name) => ({
    operation: 'delete',
    secret: name,
    run: (vault) => deleteSecret(vault, name),
  }),
};

/** Headers on every answer, 401 included (B.5). */
function commonHeaders(call: Call): Record<string, string> {
  return {
    'cache-control': 'no-cache',
    'x-ms-keyvault-region': REGION,
    'x-ms-client-request-id': header(call, 'x-ms-client-request-id') ?? randomUUID(),
    'x-ms-keyvault-service-version': '1.9.2500.1',
    'x-ms-keyvault-network-info': 'conn_type=Ipv4;addr=203.0.113.7;act_addr_fam=InterNetwork;',
  };
}

function codeOf(status: number): string {
  return status === 503 ? 'ServiceUnavailable' : status >= 500 ? 'InternalServerError' : 'BadParameter';
}
