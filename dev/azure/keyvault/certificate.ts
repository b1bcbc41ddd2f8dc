import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { encodePfx } from './pfx.ts';

export interface CertificateRequest {
  /** DNS name. */
  readonly subject: string;
  readonly keyType: 'RSA' | 'EC';
  readonly format: 'pkcs12' | 'pem';
}

/** A certificate as the secret that Key Vault makes of it (B.7). Times are Unix seconds. */
export interface IssuedCertificate {
  readonly value: string;
  readonly contentType: string;
  readonly notBefore: number;
  readonly expires: number;
  /** PEM. */
  readonly leaf: string;
}

const ALGORITHMS = {
  RSA: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  EC: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
};
const DAY_MS = 24 * 3600 * 1000;
const ISSUER = 'CN=Pretend Issuer';

/** A fresh key, a leaf for it, and the authority that issued it; they follow real time, not the pretend clock. */
export async function issueCertificate(request: CertificateRequest): Promise<IssuedCertificate> {
  cryptoProvider.set(webcrypto);
  const algorithm = ALGORITHMS[request.keyType];
  const [issuerKeys, keys] = await Promise.all([newKeys(algorithm), newKeys(algorithm)]);
  const now = Math.floor(Date.now() / 1000) * 1000;
  const common = {
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + 90 * DAY_MS),
    issuer: ISSUER,
    signingKey: issuerKeys.privateKey,
    signingAlgorithm: algorithm,
  };
  const issuer = await X509CertificateGenerator.create({
    ...common,
    subject: ISSUER,
    publicKey: issuerKeys.publicKey,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  const leaf = await X509CertificateGenerator.create({
    ...common,
    subject: `CN=${request.subject}`,
    publicKey: keys.publicKey,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: request.subject }])],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const encoded = encode(request.format, key, [leaf, issuer]);
  const [notBefore, expires] = [common.notBefore, common.notAfter].map((time) => time.getTime() / 1000);
  return { ...encoded, notBefore: notBefore ?? 0, expires: expires ?? 0, leaf: leaf.toString('pem') };
}

const newKeys = (algorithm: object): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm as webcrypto.EcKeyGenParams, true, ['sign', 'verify']);

function encode(format: 'pkcs12' | 'pem', key: Buffer, chain: readonly X509Certificate[]) {
  const certificates = chain.map(({ rawData }) => Buffer.from(rawData));
  if (format === 'pkcs12')
    return {
      value: encodePfx({ key, certificates }).toString('base64'),
      contentType: 'application/x-pkcs12',
    };
  const texts = [pem('PRIVATE KEY', key), ...certificates.map((der) => pem('CERTIFICATE', der))];
  return { value: texts.join(''), contentType: 'application/x-pem-file' };
}

const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`;
