import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { issueServerIdentity } from '../../../dev/azure/certificates.ts';
import { ok, type Result } from '../../../src/domain/failure.ts';
import { subjectOf, type WorkloadIdentity } from '../../../src/domain/identity/identity.ts';
import type { AssertionSource } from '../../../src/ports/azure.ts';

/** What a test may change about the tokens of the pretend cluster. */
export interface TokenTweaks {
  issuer?: string;
  audience?: string;
  /** Seconds from now. */
  expiresIn?: number;
  foreignKey?: boolean;
}

/** An OIDC issuer that signs ServiceAccount tokens, as a cluster does, and publishes its keys over https. */
export class PretendCluster implements AssertionSource {
  readonly issuer: string;
  readonly caPem: string;
  tweaks: TokenTweaks = {};
  /** Answers instead of a token. */
  refusal: Result<string> | undefined;
  calls = 0;
  readonly #server: Server;
  readonly #key: CryptoKey;
  readonly #foreignKey: CryptoKey;

  private constructor(server: Server, caPem: string, key: CryptoKey, foreignKey: CryptoKey) {
    this.issuer = issuerOf(server);
    this.caPem = caPem;
    this.#server = server;
    this.#key = key;
    this.#foreignKey = foreignKey;
  }

  static async start(): Promise<PretendCluster> {
    const identity = await issueServerIdentity(['127.0.0.1']);
    const [keys, foreign] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
    const server = createServer({ key: identity.keyPem, cert: identity.certPem });
    server.on('request', (request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(documentAt(request.url ?? '', issuerOf(server), jwk)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PretendCluster(server, identity.caPem, keys.privateKey, foreign.privateKey);
  }

  async assertion(identity: WorkloadIdentity): Promise<Result<string>> {
    this.calls += 1;
    return this.refusal ?? ok(await this.#sign(subjectOf(identity)));
  }

  /** Each is a new one. */
  refused(): void {}

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #sign(subject: string): Promise<string> {
    const { issuer = this.issuer, audience = 'api://AzureADTokenExchange', expiresIn = 3600 } = this.tweaks;
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(issuer)
      .setSubject(subject)
      .setAudience([audience])
      .setIssuedAt(now - 7200)
      .setNotBefore(now - 7200)
      .setExpirationTime(now + expiresIn)
      .sign(this.tweaks.foreignKey ? this.#foreignKey : this.#key);
  }
}

const issuerOf = (server: Server): string => `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

function documentAt(path: string, issuer: string, jwk: JWK): object {
  if (path === '/jwks') return { keys: [jwk] };
  return { issuer, jwks_uri: `${issuer}/jwks`, id_token_signing_alg_values_supported: ['RS256'] };
}
