import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Clock } from '../clock.ts';
import type { CloudNames } from '../hosts.ts';
import type { App } from './directory.ts';
import type { SigningKey } from './keys.ts';

/** What a caller may ask for beyond the plain token; the control API forges broken tokens with it. */
export interface TokenRequest {
  readonly app: App;
  readonly audience: string;
  readonly lifetimeSeconds?: number | undefined;
  readonly issuer?: string | undefined;
  readonly key?: SigningKey | undefined;
  /** How the application proved itself; default: by an assertion. */
  readonly method?: 'secret' | 'assertion' | undefined;
  /** Client capabilities of the request (`cp1`: continuous access evaluation). */
  readonly capabilities?: readonly string[] | undefined;
}

/** A little under an hour, as Entra announces it. */
export const DEFAULT_LIFETIME_SECONDS = 3599;
const ISSUED_BEFORE_SECONDS = 300;

/** Issues access tokens in the v1 form that both services expect (C.1). */
export class TokenIssuer {
  lifetimeSeconds = DEFAULT_LIFETIME_SECONDS;
  readonly #key: SigningKey;
  readonly #clock: Clock;
  readonly #names: CloudNames;

  constructor(key: SigningKey, clock: Clock, names: CloudNames) {
    this.#key = key;
    this.#clock = clock;
    this.#names = names;
  }

  resetLifetime(): void {
    this.lifetimeSeconds = DEFAULT_LIFETIME_SECONDS;
  }

  issue(request: TokenRequest): Promise<string> {
    const key = request.key ?? this.#key;
    return new SignJWT(this.#claims(request))
      .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: this.#key.kid, x5t: this.#key.kid })
      .sign(key.privateKey);
  }

  #claims({ app, audience, lifetimeSeconds, issuer, capabilities, method }: TokenRequest) {
    const now = this.#clock.seconds();
    const iss = issuer ?? tokenIssuer(app.tenantId, this.#names);
    return {
      aud: audience,
      iss,
      iat: now - ISSUED_BEFORE_SECONDS,
      nbf: now - ISSUED_BEFORE_SECONDS,
      exp: now + (lifetimeSeconds ?? this.lifetimeSeconds),
      appid: app.clientId,
      // 1: a secret, 2: an assertion.
      appidacr: method === 'secret' ? '1' : '2',
      idp: iss,
      idtyp: 'app',
      oid: app.objectId,
      sub: app.objectId,
      tid: app.tenantId,
      uti: randomUUID(),
      ver: '1.0',
      ...(capabilities && capabilities.length > 0 ? { xms_cc: capabilities } : {}),
    };
  }
}

/** The v1 issuer of a tenant: US Government has the host of the public cloud (E. Clouds). */
export function tokenIssuer(tenantId: string, { sts }: CloudNames): string {
  return `https://${sts}/${tenantId}/`;
}
