import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type PemBlock, pemBlocks } from '../certificates/pem.ts';

/**
 * The certificate of an application, as PEM text with its private key.
 *
 * Guarantees: what is returned belongs together and is what Entra takes (RSA); the certificate is the one of the key,
 * wherever it stands among others. `problem` says nothing of the content.
 */
export type ReadCertificate =
  | { readonly ok: true; readonly certificate: ClientCertificate }
  | { readonly ok: false; readonly problem: string };

export interface ClientCertificate {
  readonly kind: 'certificate';
  /** The certificate, then its private key (PKCS#8). */
  readonly pem: string;
  /** SHA-1 in upper case hex, as Entra shows it. */
  readonly thumbprint: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

const PRIVATE_KEYS = new Set(['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY']);

const problem = (text: string): ReadCertificate => ({ ok: false, problem: text });

export function readClientCertificate(text: string): ReadCertificate {
  const blocks = pemBlocks(text);
  const certificates = certificatesIn(blocks);
  if (certificates.length === 0) return problem('holds no certificate in PEM form');
  // `ENCRYPTED PRIVATE KEY`, or the older `Proc-Type: 4,ENCRYPTED`.
  if (text.includes('ENCRYPTED'))
    return problem('holds an encrypted private key: store it without a passphrase');
  const block = blocks.find(({ label }) => PRIVATE_KEYS.has(label))?.text;
  if (block === undefined) return problem('holds no private key in PEM form beside its certificate');
  const key = privateKeyOf(block);
  if (key === undefined) return problem('holds a private key that cannot be read');
  if (key.asymmetricKeyType !== 'rsa')
    return problem('holds a private key that is not RSA, which Entra does not take');
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) return problem('holds a certificate and a private key that do not belong together');
  return { ok: true, certificate: described(own, key) };
}

function certificatesIn(blocks: readonly PemBlock[]): readonly X509Certificate[] {
  try {
    const own = blocks.filter(({ label }) => label === 'CERTIFICATE');
    return own.map(({ text }) => new X509Certificate(text));
  } catch {
    return [];
  }
}

function privateKeyOf(block: string): KeyObject | undefined {
  try {
    return createPrivateKey(block);
  } catch {
    return undefined;
  }
}

const described = (certificate: X509Certificate, key: KeyObject): ClientCertificate => ({
  kind: 'certificate',
  pem: `${certificate.toString()}${key.export({ type: 'pkcs8', format: 'pem' })}`,
  thumbprint: certificate.fingerprint.replaceAll(':', ''),
  expiresAt: certificate.validToDate.getTime(),
});
