import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, type JWK, SignJWT } from 'jose';
import { issueServerIdentity } from '../../../dev/azure/certificates.ts';

/** What a minted ServiceAccount token says; defaults make a good one. */
export interface MintOptions {
  readonly subject?: string;
  readonly audience?: string;
  readonly issuer?: string;
  /** Seconds from now. */
  readonly expiresIn?: number;
  readonly algorithm?: 'RS256' | 'ES256';
  /** Sign with a key that the issuer does not publish, under the published key id. */
  readonly forged?: boolean;
}

/** A small OIDC issuer standing for a Kubernetes API server. */
export interface ClusterIssuer {
  readonly issuer: string;
  readonly caPem: string;
  mint(options?: MintOptions): Promise<string>;
  /** Replaces the signing key, as a cluster does when it rotates. */
  rotate(): Promise<void>;
  /** Answers 503 from now on, or works again. */
  setDown(down: boolean): void;
  /** Paths asked for so far. */
  readonly asked: string[];
  stop(): Promise<void>;
}

export const SUBJECT = 'system:serviceaccount:shop:orders';
export const EXCHANGE_AUDIENCE = 'api://AzureADTokenExchange';

interface Key {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: JWK;
}

export async function startClusterIssuer(): Promise<ClusterIssuer> {
  const identity = await issueServerIdentity(['127.0.0.1']);
  let key = await newKey();
  let down = false;
  const asked: string[] = [];
  const server = createServer({ key: identity.keyPem, cert: identity.certPem }, (request, response) => {
    asked.push(request.url ?? '');
    const body = down ? undefined : documentFor(request.url ?? '', issuer, key);
    response.writeHead(down ? 503 : body ? 200 : 404, {
      'content-type': 'application/json',
      connection: 'close',
    });
    response.end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    caPem: identity.caPem,
    asked,
    mint: (options = {}) => mint(issuer, key, options),
    rotate: async () => {
      key = await newKey();
    },
    setDown: (value) => {
      down = value;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function documentFor(path: string, issuer: string, key: Key): object | undefined {
  if (path === '/openid/v1/jwks') return { keys: [key.jwk] };
  if (path !== '/.well-known/openid-configuration') return undefined;
  return { issuer, jwks_uri: `${issuer}/openid/v1/jwks`, id_token_signing_alg_values_supported: ['RS256'] };
}

async function newKey(): Promise<Key> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomUUID();
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' } };
}

async function mint(issuer: string, key: Key, options: MintOptions): Promise<string> {
  const alg = options.algorithm ?? 'RS256';
  const now = Math.floor(Date.now() / 1000);
  const expires = now + (options.expiresIn ?? 3600);
  return new SignJWT({
    'kubernetes.io': { namespace: 'shop', serviceaccount: { name: 'orders', uid: randomUUID() } },
  })
    .setProtectedHeader({ alg, kid: key.kid })
    .setIssuer(options.issuer ?? issuer)
    .setSubject(options.subject ?? SUBJECT)
    .setAudience([options.audience ?? EXCHANGE_AUDIENCE])
    .setIssuedAt(Math.min(now, expires) - 10)
    .setNotBefore(Math.min(now, expires) - 10)
    .setExpirationTime(expires)
    .sign(await signingKey(alg, key, options.forged ?? false));
}

async function signingKey(algorithm: 'RS256' | 'ES256', key: Key, forged: boolean): Promise<KeyObject> {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  return forged ? (await newKey()).privateKey : key.privateKey;
}
