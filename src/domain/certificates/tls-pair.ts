import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isPem, pemBlocks } from './pem.ts';
import { type Parsed, parsePfx } from './pkcs12.ts';

/**
 * The secret of a Key Vault certificate as what a TLS server reads.
 *
 * Guarantees: the key belongs to the first certificate, as Node's crypto verifies, of several to the one that ends last
 * (a renewal that keeps the key); after it come those that issued it,
 * in order, as far as they are there, and then the others; the key is PKCS#8 and says so, whatever it was before.
 * Failure: a problem, as the end of a sentence. Nothing of the value is in it.
 */
export interface TlsPair {
  /** PEM, leaf first. */
  readonly certificates: string;
  /** PEM, `PRIVATE KEY`. */
  readonly key: string;
}

/** As Key Vault calls them (`contentType` of the secret of a certificate). */
export const PKCS12 = 'application/x-pkcs12';
export const PEM = 'application/x-pem-file';

export interface CertificateSecret {
  readonly value: string;
  readonly contentType?: string;
}

export function tlsPair(secret: CertificateSecret): Parsed<TlsPair> {
  const parts = partsOf(secret);
  return parts.ok ? pairOf(parts.value) : parts;
}

interface Parts {
  readonly certificates: readonly X509Certificate[];
  readonly keys: readonly KeyObject[];
}

const problem = (text: string) => ({ ok: false, problem: text }) as const;

/** What is no PEM is a PFX only if it says so: a word would pass for base64, too. */
function partsOf({ value, contentType = '' }: CertificateSecret): Parsed<Parts> {
  if (isPem(value)) return partsOfPem(value);
  if (contentType.trim().toLowerCase() !== PKCS12)
    return problem(`is neither PEM nor of the content type ${PKCS12}`);
  const parsed = parsePfx(Buffer.from(value, 'base64'));
  if (!parsed.ok) return parsed;
  const { certificates, keys } = parsed.value;
  return understood(
    () => certificates.map((der) => new X509Certificate(der)),
    () => keys.map((key) => createPrivateKey({ key, format: 'der', type: 'pkcs8' })),
  );
}

const CERTIFICATES = new Set(['CERTIFICATE', 'X509 CERTIFICATE']);
const KEYS = new Set(['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY']);

/** Other blocks, such as EC PARAMETERS, say nothing that the key does not. */
function partsOfPem(text: string): Parsed<Parts> {
  const blocks = pemBlocks(text);
  // `ENCRYPTED PRIVATE KEY`, or the older `Proc-Type: 4,ENCRYPTED`.
  if (text.includes('ENCRYPTED')) return problem('holds a private key that is encrypted with a password');
  const of = (labels: ReadonlySet<string>) => blocks.filter(({ label }) => labels.has(label));
  return understood(
    () =>
      of(CERTIFICATES).map(
        (block) => new X509Certificate(block.text.replaceAll('X509 CERTIFICATE', 'CERTIFICATE')),
      ),
    () => of(KEYS).map((block) => createPrivateKey(block.text)),
  );
}

function understood(
  certificates: () => readonly X509Certificate[],
  keys: () => readonly KeyObject[],
): Parsed<Parts> {
  try {
    return { ok: true, value: { certificates: certificates(), keys: keys() } };
  } catch {
    return problem('holds a certificate or a key that is broken or of an unknown kind');
  }
}

function pairOf({ certificates, keys }: Parts): Parsed<TlsPair> {
  if (certificates.length === 0) return problem('holds no certificate');
  if (keys.length === 0)
    return problem('holds no private key: the key of the certificate must be exportable');
  for (const key of keys) {
    const leaf = lastToEnd(certificates.filter((certificate) => certificate.checkPrivateKey(key)));
    if (leaf === undefined) continue;
    const ordered = leafFirst(leaf, certificates);
    return {
      ok: true,
      value: {
        certificates: ordered.map((certificate) => certificate.toString()).join(''),
        key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
      },
    };
  }
  return problem('holds a private key that belongs to none of its certificates');
}

const lastToEnd = (certificates: readonly X509Certificate[]): X509Certificate | undefined =>
  certificates.toSorted((a, b) => b.validToDate.getTime() - a.validToDate.getTime())[0];

function leafFirst(leaf: X509Certificate, all: readonly X509Certificate[]): readonly X509Certificate[] {
  const ordered = [leaf];
  let rest = distinct(all).filter(({ fingerprint256 }) => fingerprint256 !== leaf.fingerprint256);
  for (let last: X509Certificate | undefined = leaf; last !== undefined; ) {
    const issuer = rest.find((candidate) => isIssuer(candidate, last));
    if (issuer !== undefined) ordered.push(issuer);
    rest = rest.filter((candidate) => candidate !== issuer);
    last = issuer;
  }
  return [...ordered, ...rest];
}

const distinct = (all: readonly X509Certificate[]): readonly X509Certificate[] => [
  ...new Map(all.map((certificate) => [certificate.fingerprint256, certificate])).values(),
];

function isIssuer(candidate: X509Certificate, issued: X509Certificate | undefined): boolean {
  return issued?.checkIssued(candidate) === true && issued.verify(candidate.publicKey);
}
