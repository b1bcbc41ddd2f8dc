import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

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

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----[\s\S]+?-----END \1-----/;

const problem = (text: string): ReadCertificate => ({ ok: false, problem: text });

export function readClientCertificate(text: string): ReadCertificate {
  const certificates = certificatesIn(text);
  if (certificates.length === 0) return problem('holds no certificate in PEM form');
  const block = PRIVATE_KEY.exec(text)?.[0];
  if (block === undefined) return problem('holds no private key in PEM form beside its certificate');
  if (/ENCRYPTED/.test(block))
    return problem('holds an encrypted private key: store it without a passphrase');
  const key = privateKeyOf(block);
  if (key === undefined) return problem('holds a private key that cannot be read');
  if (key.asymmetricKeyType !== 'rsa')
    return problem('holds a private key that is not RSA, which Entra does not take');
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) return problem('holds a certificate and a private key that do not belong together');
  return { ok: true, certificate: described(own, key) };
}

function certificatesIn(text: string): readonly X509Certificate[] {
  try {
    return (text.match(CERTIFICATE) ?? []).map((block) => new X509Certificate(block));
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
