import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../clock.ts';
import type { CloudNames } from '../hosts.ts';
import type { SigningKey } from './keys.ts';
import { tokenIssuer } from './tokens.ts';

/** Who a valid token speaks for. */
export interface Principal {
  readonly clientId: string;
  readonly objectId: string;
  readonly tenantId: string;
  readonly issuer: string;
}

/** What the service asks of a token besides signature and lifetime. */
export interface Expectation {
  readonly tenantId: string;
  /** Compared without case (A.13). */
  readonly audiences: readonly string[];
}

export type Refusal = 'missing' | 'not-bearer' | 'signature' | 'expired' | 'issuer' | 'audience';
export type Verdict = { readonly principal: Principal } | { readonly refusal: Refusal };

interface Seen {
  readonly payload: JWTPayload | undefined;
  readonly principal: Principal;
}

const CACHE_LIMIT = 5_000;

/**
 * Verifies bearer tokens for the two data services.
 *
 * Guarantees: a signature is checked once per token, lifetime, issuer and audience on every request.
 * Failure: every refusal is a value; a malformed token counts as a bad signature.
 */
export class TokenVerifier {
  readonly #key: SigningKey;
  readonly #clock: Clock;
  readonly #names: CloudNames;
  readonly #seen = new Map<string, Seen>();

  constructor(key: SigningKey, clock: Clock, names: CloudNames) {
    this.#key = key;
    this.#clock = clock;
    this.#names = names;
  }

  /** Answers at once for a token seen before, which keeps conditional requests cheap. */
  verify(authorization: string | undefined, expected: Expectation): Verdict | Promise<Verdict> {
    if (authorization === undefined || authorization === '') return { refusal: 'missing' };
    if (!/^bearer /i.test(authorization)) return { refusal: 'not-bearer' };
    const token = authorization.slice('bearer '.length).trim();
    const seen = this.#seen.get(token);
    if (seen) return this.#judge(seen, expected);
    return this.#check(token).then((checked) => this.#judge(checked, expected));
  }

  async #check(token: string): Promise<Seen> {
    const payload = await this.#payloadOf(token);
    const seen = { payload, principal: principalOf(payload ?? {}) };
    if (this.#seen.size >= CACHE_LIMIT) this.#seen.clear();
    this.#seen.set(token, seen);
    return seen;
  }

  /** The claims when the signature holds; lifetime is judged per request against the pretend clock. */
  async #payloadOf(token: string): Promise<JWTPayload | undefined> {
    try {
      const verified = await jwtVerify(token, this.#key.publicKey, {
        algorithms: ['RS256'],
        currentDate: new Date(0),
        clockTolerance: Number.MAX_SAFE_INTEGER,
      });
      return verified.payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  #judge({ payload, principal }: Seen, expected: Expectation): Verdict {
    if (!payload) return { refusal: 'signature' };
    const now = this.#clock.seconds();
    if ((payload.exp ?? 0) <= now || (payload.nbf ?? 0) > now) return { refusal: 'expired' };
    if (!issuersOf(expected.tenantId, this.#names).includes(payload.iss ?? '')) return { refusal: 'issuer' };
    if (!audienceFits(payload.aud, expected.audiences)) return { refusal: 'audience' };
    return { principal };
  }
}

function issuersOf(tenantId: string, names: CloudNames): string[] {
  return [tokenIssuer(tenantId, names), `https://${names.login}/${tenantId}/v2.0`];
}

function audienceFits(audience: JWTPayload['aud'], accepted: readonly string[]): boolean {
  const given = (Array.isArray(audience) ? audience : [audience ?? '']).map((value) => value.toLowerCase());
  return accepted.some((value) => given.includes(value.toLowerCase()));
}

function principalOf(payload: JWTPayload): Principal {
  return {
    clientId: text(payload.appid ?? payload.azp),
    objectId: text(payload.oid),
    tenantId: text(payload.tid),
    issuer: text(payload.iss),
  };
}

function text(claim: unknown): string {
  return typeof claim === 'string' ? claim : '';
}
