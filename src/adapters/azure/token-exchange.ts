/**
 * One exchange of what an identity shows to Entra (a ServiceAccount token, a client secret) for a token.
 *
 * A credential of the SDK is made for each exchange and thrown away: tokens are cached by our own
 * credential, so a cached one would only add a second cache, call for assertions it does not need (twice per
 * token, even from its cache) and mix the errors of concurrent requests. For the known authorities it costs no
 * request; for others one metadata GET.
 */
import type { AccessToken } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { fail, ok, type Result } from '../../domain/failure.ts';
import {
  type Application,
  isBound,
  type ManagedIdentity,
  type TokenIdentity,
} from '../../domain/identity/identity.ts';
import type { AssertionSource, HostGate } from '../../ports/azure.ts';
import type { Clock } from '../../ports/clock.ts';
import { assertionClaims } from './assertion-claims.ts';
import { entraCredential, type Proof, proofOf } from './entra-credential.ts';
import { entraFailure } from './entra-errors.ts';
import type { EntraRefusal } from './entra-refusal.ts';
import { isOfAssertion } from './federation-errors.ts';
import { type ManagedIdentityOptions, managedIdentityToken } from './managed-identity.ts';
import { retryAfterMs } from './retry-after.ts';
import { codeOf, objectMember } from './sdk-call.ts';

export interface TokenExchangeOptions {
  readonly http: HttpClient;
  readonly managed: ManagedIdentityOptions;
  /** `https://<host>` of the authority. */
  readonly authorityHost: string;
  /** For identities of AKS identity bindings: `http` sends what would go to the authority to `url`. */
  readonly proxy?: { readonly url: string; readonly http: HttpClient };
  readonly assertions: AssertionSource;
  /** Asked by tenant, see {@link wayTo}. */
  readonly gate: HostGate;
  readonly clock: Clock;
  readonly userAgent: string;
}

/** What a token is asked for. `claims` is the JSON of a continuous access evaluation challenge. */
export interface TokenWish {
  readonly scopes: readonly string[];
  readonly enableCae: boolean;
  readonly claims?: string;
}

export type TokenExchange<I = TokenIdentity> = (identity: I, wish: TokenWish) => Promise<Result<AccessToken>>;

type Seen = Pick<EntraRefusal, 'status' | 'code' | 'retryAfterMs' | 'networkCode'>;

/** An exchange that reports every refusal of Entra as a failure; see `entra-errors.ts`. */
export function createTokenExchange(
  options: TokenExchangeOptions,
): TokenExchange<Application | ManagedIdentity> {
  const entra: Counterpart = { host: new URL(options.authorityHost).host, http: options.http };
  // Whoever waits for a token shares it with others: no single caller may end the exchange.
  const forever = new AbortController().signal;
  return async (identity, wish) => {
    if (identity.kind === 'ManagedIdentity')
      return options.gate.run(options.managed.metadataHost, forever, () =>
        managedIdentityToken(identity, wish.scopes.join(' '), options.managed),
      );
    const proof = await proofOf(identity, options.assertions);
    if (!proof.ok) return proof;
    const counterpart = isBound(identity) ? proxyOf(options) : entra;
    const result = await options.gate.run(wayTo(counterpart.host, identity), forever, () =>
      exchangeOnce(identity, wish, proof.value, counterpart, options),
    );
    if (identity.kind === 'WorkloadIdentity' && !result.ok && isOfAssertion(result.failure))
      options.assertions.refused(identity);
    return result;
  };
}

/** Who gives the tokens. */
interface Counterpart {
  readonly host: string;
  readonly http: HttpClient;
}

/** Whoever plans an identity sees to it that there is one. */
function proxyOf({ proxy }: TokenExchangeOptions): Counterpart {
  if (proxy === undefined) throw new Error('an identity asks for a proxy that the operator does not have');
  return { host: new URL(proxy.url).host, http: proxy.http };
}

/**
 * The identities of a tenant pause together, and those of other tenants go on. That the whole host cannot be reached is
 * found out once for each tenant.
 */
const wayTo = (authority: string, { tenantId }: Application): string =>
  `${authority}/${tenantId.toLowerCase()}`;

async function exchangeOnce(
  identity: Application,
  wish: TokenWish,
  proof: Proof,
  { host: authority, http }: Counterpart,
  options: TokenExchangeOptions,
): Promise<Result<AccessToken>> {
  const recorder = recordingClient(http, options.clock);
  try {
    // The SDK refuses some ids as soon as it is given them.
    const credential = entraCredential(identity, proof, { ...options, httpClient: recorder.client });
    return ok(await credential.getToken([...wish.scopes], tokenOptions(wish)));
  } catch {
    return fail(
      entraFailure({
        identity,
        authority,
        audience: wish.scopes.map((scope) => scope.replace(/\/\.default$/, '')).join(' '),
        claims: proof.kind === 'assertion' ? assertionClaims(proof.assertion) : {},
        now: options.clock.now(),
        ...recorder.seen(),
      }),
    );
  }
}

const tokenOptions = ({ enableCae, claims }: TokenWish) => ({
  enableCae,
  ...(claims === undefined ? {} : { claims }),
});

/** MSAL keeps neither status nor headers in its errors, so they are noted where they pass. */
function recordingClient(http: HttpClient, clock: Clock): { client: HttpClient; seen(): Seen } {
  let seen: Seen = {};
  const client: HttpClient = {
    async sendRequest(request) {
      try {
        const response = await http.sendRequest(request);
        const pause = retryAfterMs((name) => response.headers.get(name), clock.now());
        const code = aadstsOf(response.bodyAsText);
        seen = {
          status: response.status,
          ...(code === undefined ? {} : { code }),
          ...(pause === undefined ? {} : { retryAfterMs: pause }),
        };
        return response;
      } catch (error) {
        seen = { networkCode: codeOf(error) };
        throw error;
      }
    },
  };
  return { client, seen: () => seen };
}

/** `error_codes[0]`, or the number in the description of older answers. */
function aadstsOf(body: string | null | undefined): number | undefined {
  const text = body ?? '';
  if (!text.includes('"error"')) return undefined;
  const codes = objectMember(parsed(text), 'error_codes');
  const first: unknown = Array.isArray(codes) ? codes[0] : undefined;
  if (typeof first === 'number') return first;
  const [, digits] = /AADSTS(\d{4,9})/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
