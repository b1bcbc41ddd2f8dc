import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { cryptoProvider, X509CertificateGenerator } from '@peculiar/x509';

/** PEM texts of a self-signed certificate and its private key. */
export interface CertificatePair {
  readonly certificate: string;
  readonly privateKey: string;
}

const DAY_MS = 24 * 3600 * 1000;
const ALGORITHMS = {
  RSA: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  },
  EC: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
} as const;

interface Wanted {
  /** Until its end; may be negative. */
  readonly days?: number;
  readonly algorithm?: keyof typeof ALGORITHMS;
  /** Default: new ones. */
  readonly keys?: Promise<webcrypto.CryptoKeyPair>;
}

export const newKeys = (algorithm: keyof typeof ALGORITHMS = 'RSA'): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHMS[algorithm], true, ['sign', 'verify']);

/** As an application team would make it with openssl. */
export async function issueClientCertificate({
  days = 30,
  algorithm = 'RSA',
  keys: given = newKeys(algorithm),
}: Wanted = {}): Promise<CertificatePair> {
  cryptoProvider.set(webcrypto);
  const keys = await given;
  const now = Date.now();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=orders',
    keys,
    signingAlgorithm: ALGORITHMS[algorithm],
    notBefore: new Date(now - 400 * DAY_MS),
    notAfter: new Date(now + days * DAY_MS),
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  const privateKey = `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
  return { certificate: `${certificate.toString('pem')}\n`, privateKey };
}
