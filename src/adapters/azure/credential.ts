/**
 * The TokenCredential of one identity, for all SDK clients that read as it.
 *
 * Guarantees: one exchange at a time per scope and options, shared by all who wait; tokens are renewed in the
 * background before they expire, and a valid token is used while renewing fails; a failed exchange is not
 * repeated before {@link FAILED_PAUSE_MS} or the pause Entra asked for.
 * Failure: throws a FailureError, never anything else, and never while it holds a valid token: the SDKs renew
 * in promises nobody awaits, and a rejection there would end the process.
 */
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth';
import { blocked, type Failure, type Result } from '../../domain/failure.ts';
import { isGuid } from '../../domain/identity/entra-ids.ts';
import { callerOf, type TokenIdentity } from '../../domain/identity/identity.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { FailureError } from './failure-error.ts';
import type { TokenExchange, TokenWish } from './token-exchange.ts';

/** Tokens are renewed this long before they expire, as MSAL does. */
export const RENEW_BEFORE_MS = 5 * 60_000;
/** A refused exchange is answered from memory for this long: a binding with many references asks in bursts. */
export const FAILED_PAUSE_MS = 5_000;
/** Below the second at which the SDKs stop using a token, see the failure contract above. */
const LAST_MS = 500;

interface Slot {
  token?: AccessToken;
  flight?: Promise<Result<AccessToken>>;
  failed?: { readonly failure: Failure; readonly from: number; readonly until: number };
}

export interface CredentialOptions {
  readonly identity: TokenIdentity;
  readonly exchange: TokenExchange;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export class IdentityCredential implements TokenCredential {
  readonly #options: CredentialOptions;
  readonly #slots = new Map<string, Slot>();

  constructor(options: CredentialOptions) {
    this.#options = options;
  }

  async getToken(scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
    const wish: TokenWish = {
      scopes: Array.isArray(scopes) ? scopes : [scopes],
      enableCae: options.enableCae ?? false,
      ...(options.claims === undefined ? {} : { claims: options.claims }),
    };
    this.#refuseOtherTenant(options.tenantId);
    const slot = this.#slot(wish);
    // A challenge with claims says that the token at hand is no longer accepted.
    if (wish.claims === undefined) {
      const token = this.#current(slot, wish);
      if (token) return token;
    }
    const result = await this.#acquire(slot, wish);
    if (!result.ok) throw new FailureError(result.failure);
    return result.value;
  }

  /** A vault tells its tenant in its challenge; asking our tenant for a token would only end in a 401. */
  #refuseOtherTenant(tenantId: string | undefined): void {
    const { identity } = this.#options;
    if (identity.kind === 'ManagedIdentity') return;
    if (tenantId === undefined || !isOther(tenantId, identity.tenantId)) return;
    const message = `The vault belongs to tenant ${tenantId.toLowerCase()}, ${callerOf(identity)} was asked for in tenant ${identity.tenantId}: use an identity of the vault's tenant.`;
    throw new FailureError(blocked('VaultUnauthorized', message));
  }

  #slot({ scopes, enableCae }: TokenWish): Slot {
    const key = JSON.stringify([scopes, enableCae]);
    const slot = this.#slots.get(key) ?? {};
    this.#slots.set(key, slot);
    return slot;
  }

  #current(slot: Slot, wish: TokenWish): AccessToken | undefined {
    const now = this.#options.clock.now();
    const held = heldBy(slot, now);
    if (slot.token && slot.token.expiresOnTimestamp - LAST_MS >= now) {
      // A bug in there shows when the token is really needed; here it would be an unhandled rejection.
      if (renewalDue(slot.token, now) && !held) this.#acquire(slot, wish).catch(() => undefined);
      return slot.token;
    }
    if (held) throw new FailureError(held);
    return undefined;
  }

  #acquire(slot: Slot, wish: TokenWish): Promise<Result<AccessToken>> {
    if (wish.claims !== undefined) return this.#exchange(slot, wish);
    slot.flight ??= this.#exchange(slot, wish).finally(() => {
      delete slot.flight;
    });
    return slot.flight;
  }

  async #exchange(slot: Slot, wish: TokenWish): Promise<Result<AccessToken>> {
    const { identity, exchange, clock, metrics } = this.#options;
    const result = await exchange(identity, wish);
    const outcome = result.ok ? 'ok' : result.failure.kind;
    metrics.increment('token_requests_total', { kind: 'entra', outcome });
    if (result.ok) {
      slot.token = result.value;
      delete slot.failed;
    } else {
      const from = clock.now();
      slot.failed = { failure: result.failure, from, until: from + pauseOf(result.failure) };
    }
    return result;
  }
}

const renewalDue = ({ expiresOnTimestamp, refreshAfterTimestamp }: AccessToken, now: number): boolean =>
  expiresOnTimestamp - RENEW_BEFORE_MS <= now ||
  (refreshAfterTimestamp !== undefined && refreshAfterTimestamp <= now);

/** One of the future is of a clock that was set back since: it would hold for as long as that. */
const heldBy = ({ failed }: Slot, now: number): Failure | undefined =>
  failed !== undefined && failed.from <= now && now < failed.until ? failed.failure : undefined;

const pauseOf = (failure: Failure): number => {
  if (failure.kind === 'cancelled') return 0;
  return failure.kind === 'throttled' ? failure.retryAfterMs : FAILED_PAUSE_MS;
};

/** Only two GUIDs can be compared: a tenant may also be named by a domain. */
const isOther = (theirs: string, ours: string): boolean =>
  isGuid(theirs) && isGuid(ours) && theirs.toLowerCase() !== ours.toLowerCase();
