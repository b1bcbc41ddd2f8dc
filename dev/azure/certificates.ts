import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** PEM texts of one authority and one server certificate that it issued. */
export interface ServerIdentity {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

const DAY_MS = 24 * 3600 * 1000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const CA_NAME = 'CN=Pretend Azure CA';

/**
 * A fresh authority and one leaf for all the given DNS names and IP addresses (wildcards allowed).
 * Nothing is kept on disk but what the caller writes; certificates follow real time, not the pretend clock.
 */
export async function issueServerIdentity(names: readonly string[]): Promise<ServerIdentity> {
  cryptoProvider.set(webcrypto);
  const [caKeys, leafKeys] = await Promise.all([newKeys(), newKeys()]);
  const [ca, leaf] = await Promise.all([authority(caKeys), leafFor(names, leafKeys, caKeys)]);
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', leafKeys.privateKey);
  return { caPem: ca.toString('pem'), certPem: leaf.toString('pem'), keyPem: pem('PRIVATE KEY', pkcs8) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function authority(keys: webcrypto.CryptoKeyPair) {
  return X509CertificateGenerator.create({
    ...validity(),
    serialNumber: '01',
    subject: CA_NAME,
    issuer: CA_NAME,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
}

function leafFor(names: readonly string[], keys: webcrypto.CryptoKeyPair, ca: webcrypto.CryptoKeyPair) {
  const alternatives = names.map((value) => ({
    type: isAddress(value) ? ('ip' as const) : ('dns' as const),
    value,
  }));
  return X509CertificateGenerator.create({
    ...validity(),
    serialNumber: '02',
    subject: 'CN=Pretend Azure',
    issuer: CA_NAME,
    publicKey: keys.publicKey,
    signingKey: ca.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new SubjectAlternativeNameExtension(alternatives),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    ],
  });
}

function validity() {
  const now = Date.now();
  return { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + 365 * DAY_MS) };
}

function isAddress(name: string): boolean {
  return /^[\d.]+$|:/.test(name);
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
