import { get } from 'node:https';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { isRecord } from '../http/call.ts';

const FETCH_TIMEOUT_MS = 5_000;
const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** The keys of one external issuer; undefined means that its endpoint could not be read. */
export type IssuerKeys = JWTVerifyGetKey | undefined;

/**
 * The external OIDC issuers (clusters) that the pretend Entra may ask for keys.
 *
 * Entra reads `{issuer}/.well-known/openid-configuration` and its `jwks_uri` over https and caches both (C.3).
 * Assumptions: a real Entra trusts public authorities; here each issuer is registered with its own CA.
 * Failure: an issuer that is unregistered, unreachable or answers nonsense has no keys (AADSTS90061).
 */
export class ExternalIssuers {
  readonly #authorities = new Map<string, string>();
  readonly #keys = new Map<string, JSONWebKeySet>();

  /** Registering again replaces the CA and forgets cached keys. */
  register(issuer: string, caPem: string): void {
    this.#authorities.set(issuer, caPem);
    this.#keys.delete(issuer);
  }

  /** An issuer of our own, whose keys need not be fetched. */
  publish(issuer: string, keys: JSONWebKeySet): void {
    this.#keys.set(issuer, keys);
  }

  list(): { issuer: string; caPem: string }[] {
    return [...this.#authorities].map(([issuer, caPem]) => ({ issuer, caPem }));
  }

  clear(): void {
    this.#authorities.clear();
    this.#keys.clear();
  }

  /** Cached keys, or freshly fetched ones when there are none or `refresh` is set. */
  async keysOf(issuer: string, refresh = false): Promise<IssuerKeys> {
    const cached = refresh ? undefined : this.#keys.get(issuer);
    const keys = cached ?? (await this.#fetch(issuer));
    if (!keys) return undefined;
    this.#keys.set(issuer, keys);
    return createLocalJWKSet(keys);
  }

  async #fetch(issuer: string): Promise<JSONWebKeySet | undefined> {
    const ca = this.#authorities.get(issuer);
    if (ca === undefined) return undefined;
    try {
      const metadata = await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, ca);
      const jwksUri = metadata.jwks_uri;
      if (metadata.issuer !== issuer || typeof jwksUri !== 'string') return undefined;
      const document = await fetchJson(jwksUri, ca);
      return isKeySet(document) ? document : undefined;
    } catch {
      return undefined;
    }
  }
}

function isKeySet(document: unknown): document is JSONWebKeySet {
  return isRecord(document) && Array.isArray(document.keys);
}

/** GET over https with exactly this CA; rejects on anything but a 200 with a JSON object. */
function fetchJson(url: string, ca: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const request = get(url, { ca, agent: false, timeout: FETCH_TIMEOUT_MS }, (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        reject(new Error(`status ${response.statusCode}`));
        return;
      }
      readText(response).then((text) => resolve(parseObject(text)), reject);
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', reject);
  });
}

async function readText(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MAX_DOCUMENT_BYTES) throw new Error('document too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseObject(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new Error('not an object');
  return value;
}
