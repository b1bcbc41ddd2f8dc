/**
 * ServiceAccount tokens for Entra, one per identity.
 *
 * Guarantees: exactly one audience per token; one TokenRequest at a time per identity; a token is renewed when
 * 80 % of its life is over, or it is a minute old and Entra refused it, and used on while the API server cannot be
 * reached; nothing is given for a ServiceAccount that is known to be gone.
 * Assumptions: an identity's `key` holds the ServiceAccount's uid, so a re-created one starts anew.
 */
import { blocked, cancelled, type Failure, fail, ok, type Result, unavailable } from '../domain/failure.ts';
import { originOf, type WorkloadIdentity } from '../domain/identity/identity.ts';
import type { AssertionSource } from '../ports/azure.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubernetesError, TokenRequester } from '../ports/kubernetes.ts';
import type { Metrics } from '../ports/metrics.ts';
import { Flights } from './flights.ts';

/** What Entra expects of a token that is exchanged, unless a federated credential says otherwise. */
export const DEFAULT_ASSERTION_AUDIENCE = 'api://AzureADTokenExchange';
/** What the proxy for identity bindings of AKS expects (learn.microsoft.com/azure/aks/identity-bindings-concepts). */
export const IDENTITY_BINDING_AUDIENCE = 'api://AKSIdentityBinding';
export const ASSERTION_SECONDS = 3_600;
const RENEW_AFTER = 0.8;
/** Whoever is refused again and again costs the API server no more than a TokenRequest in this time. */
const RENEW_REFUSED_MS = 60_000;

export interface AssertionsOptions {
  readonly requester: TokenRequester;
  readonly clock: Clock;
  /** The one audience of the tokens that go to Entra; default {@link DEFAULT_ASSERTION_AUDIENCE}. */
  readonly audience?: string;
  readonly metrics?: Metrics;
}

interface Held {
  readonly token: string;
  /** When it was asked for. */
  readonly since: number;
  readonly renewAt: number;
  readonly expiresAt: number;
}

export class Assertions implements AssertionSource {
  readonly #options: AssertionsOptions;
  readonly #held = new Map<string, Held>();
  readonly #flights: Flights<string>;

  constructor(options: AssertionsOptions) {
    this.#options = options;
    this.#flights = new Flights(options.clock);
  }

  /** A token that is valid for a while yet. */
  async assertion(identity: WorkloadIdentity, signal?: AbortSignal): Promise<Result<string>> {
    if (signal?.aborted) return fail(cancelled);
    const held = this.#held.get(identity.key);
    const now = this.#options.clock.now();
    // One of the future says that the clock was set back, and nothing about its age.
    if (held && held.since <= now && held.renewAt > now) return ok(held.token);
    const forever = new AbortController().signal;
    return this.#flights.join(identity.key, signal ?? forever, (inner) => this.#renew(identity, inner));
  }

  /** The issuer of the cluster, or its keys, may have changed since the token was given. */
  refused({ key }: WorkloadIdentity): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    const renewAt = Math.min(held.renewAt, held.since + RENEW_REFUSED_MS);
    this.#held.set(key, { ...held, renewAt });
  }

  async #renew(identity: WorkloadIdentity, signal: AbortSignal): Promise<Result<string>> {
    const { requester, clock, metrics } = this.#options;
    const { audience: forEntra = DEFAULT_ASSERTION_AUDIENCE } = this.#options;
    const audience = identity.azureProxy ? IDENTITY_BINDING_AUDIENCE : forEntra;
    const account = { namespace: identity.namespace, name: identity.serviceAccount };
    const requestedAt = clock.now();
    const answer = await requester.requestToken(account, audience, ASSERTION_SECONDS, { signal });
    const outcome = answer.ok ? 'ok' : answer.error.kind;
    metrics?.increment('token_requests_total', { kind: 'serviceaccount', outcome });
    if (!answer.ok) return this.#keepOrFail(identity, assertionFailure(answer.error, identity));
    const { token, expiresAt } = answer.value;
    this.#prune();
    const renewAt = requestedAt + (expiresAt - requestedAt) * RENEW_AFTER;
    this.#held.set(identity.key, { token, since: requestedAt, renewAt, expiresAt });
    return ok(token);
  }

  #keepOrFail(identity: WorkloadIdentity, failure: Failure): Result<string> {
    const held = this.#held.get(identity.key);
    if (failure.kind !== 'unavailable') this.#held.delete(identity.key);
    else if (held && held.expiresAt > this.#options.clock.now()) return ok(held.token);
    return fail(failure);
  }

  #prune(): void {
    const now = this.#options.clock.now();
    for (const [key, { expiresAt }] of this.#held) {
      if (expiresAt <= now) this.#held.delete(key);
    }
  }
}

/** A failed TokenRequest, told to the owner of the binding. */
export function assertionFailure(error: KubernetesError, identity: WorkloadIdentity): Failure {
  if (error.kind === 'cancelled') return cancelled;
  const account = originOf(identity);
  if (error.kind !== 'status' || error.code === 429 || error.code >= 500) {
    const message = `The API server gives no token for ${account} right now; tried again by itself.`;
    return unavailable('KubernetesUnavailable', message, retryAfterOf(error));
  }
  switch (error.code) {
    case 404:
      return blocked(
        'ServiceAccountNotFound',
        `${account} does not exist: create it, or correct spec.identity.workloadIdentity.serviceAccountName.`,
      );
    case 403:
      return blocked(
        'TokenRequestDenied',
        `The operator may not create tokens for ${account}: allow its own ServiceAccount the verb create on serviceaccounts/token in namespace ${identity.namespace}.`,
      );
    default:
      return blocked(
        'KubernetesRejected',
        `The API server refused a token for ${account} with HTTP ${error.code}.`,
      );
  }
}

const retryAfterOf = (error: KubernetesError): number | undefined =>
  error.kind === 'status' ? error.retryAfterMs : undefined;
