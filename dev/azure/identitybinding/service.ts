import { SignJWT } from 'jose';
import type { Cloud } from '../cloud.ts';
import { checkLifetime, checkSignature, readClaims } from '../entra/assertions.ts';
import type { App } from '../entra/directory.ts';
import type { SigningKey } from '../entra/keys.ts';
import { type Answer, type Call, json, type Service } from '../http/call.ts';
import { BINDING_AUDIENCE, BINDING_SUBJECT, bindingIssuer } from './binding.ts';

/** The audience of the ServiceAccount tokens that the proxy takes. */
export const PROXY_AUDIENCE = 'api://AKSIdentityBinding';
const ASSERTION_SECONDS = 300;

/** Whether RBAC of the cluster gives this user the verb `use-managed-identity` on the client id. */
export type Authorize = (subject: string, clientId: string) => Promise<boolean>;

/**
 * The proxy that a cluster of AKS has for identity bindings: it takes the request that Entra would get, with a
 * ServiceAccount token of the audience `api://AKSIdentityBinding`, asks the cluster whether that ServiceAccount may use
 * the identity, and shows Entra an assertion of the identity's own issuer instead
 * (learn.microsoft.com/azure/aks/identity-bindings-concepts).
 *
 * Our choice, since AKS does not document them: 401 for a token and 403 for a right that is missing, both without an
 * AADSTS number.
 */
export class IdentityBindingService implements Service {
  readonly name = 'identitybinding';
  readonly #cloud: Cloud;
  readonly #entra: Service;
  readonly #key: SigningKey;
  readonly #authorize: Authorize;

  constructor(cloud: Cloud, entra: Service, key: SigningKey, authorize: Authorize) {
    this.#cloud = cloud;
    this.#entra = entra;
    this.#key = key;
    this.#authorize = authorize;
  }

  async answer(call: Call): Promise<Answer> {
    if (call.method !== 'POST' || !call.path.endsWith('/oauth2/v2.0/token')) return this.#entra.answer(call);
    const form = new URLSearchParams(call.body.toString('utf8'));
    const subject = await this.#subjectOf(form.get('client_assertion') ?? '');
    if (subject === undefined) return refused(401, 'The ServiceAccount token is not valid.');
    const clientId = form.get('client_id') ?? '';
    if (!(await this.#authorize(subject, clientId)))
      return refused(403, 'The ServiceAccount may not use the managed identity.');
    const app = this.#cloud.directory.app(clientId);
    if (app) form.set('client_assertion', await this.#assertionFor(app));
    return this.#entra.answer({ ...call, body: Buffer.from(form.toString()) });
  }

  nativeError(status: number): Answer {
    return refused(status, 'The proxy is disturbed.');
  }

  /** Of a token of the cluster's for the proxy, valid now. */
  async #subjectOf(token: string): Promise<string | undefined> {
    const claims = readClaims(token);
    if (!claims?.audiences.includes(PROXY_AUDIENCE)) return undefined;
    const { issuers, clock } = this.#cloud;
    const problem = (await checkSignature(token, claims.issuer, issuers)) ?? checkLifetime(claims, clock);
    return problem === undefined ? claims.subject : undefined;
  }

  #assertionFor(app: App): Promise<string> {
    const issuer = bindingIssuer(app);
    this.#cloud.issuers.publish(issuer, { keys: [this.#key.jwk] });
    const now = this.#cloud.clock.seconds();
    return new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: this.#key.kid })
      .setIssuer(issuer)
      .setSubject(BINDING_SUBJECT)
      .setAudience(BINDING_AUDIENCE)
      .setNotBefore(now)
      .setExpirationTime(now + ASSERTION_SECONDS)
      .sign(this.#key.privateKey);
  }
}

const refused = (status: number, text: string): Answer =>
  json(status, { error: 'access_denied', error_description: text });
