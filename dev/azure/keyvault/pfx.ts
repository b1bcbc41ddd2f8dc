import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';

/**
 * A PFX without a password (RFC 7292), as Key Vault stores certificates (B.7): certificates and key encrypted apart,
 * by PBES2 with AES-256 and PBKDF2. It has no MAC, which without a password proves nothing.
 */
export function encodePfx({ key, certificates }: { key: Buffer; certificates: readonly Buffer[] }): Buffer {
  const certificateBags = certificates.map((der) =>
    bag(3, sequence(oid('1.2.840.113549.1.9.22.1'), context0(octets(der)))),
  );
  const { algorithm, text } = encrypted(key);
  const keyBag = bag(2, sequence(algorithm, octets(text)));
  const safe = sequence(encryptedInfo(sequence(...certificateBags)), dataInfo(sequence(keyBag)));
  return sequence(integer(3), dataInfo(safe));
}

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const ITERATIONS = 2000;

const bag = (kind: number, value: Buffer): Buffer =>
  sequence(oid(`1.2.840.113549.1.12.10.1.${kind}`), context0(value));

const dataInfo = (content: Buffer): Buffer => sequence(oid(DATA), context0(octets(content)));

function encryptedInfo(content: Buffer): Buffer {
  const { algorithm, text } = encrypted(content);
  const info = sequence(oid(DATA), algorithm, der(0x80, text));
  return sequence(oid(ENCRYPTED_DATA), context0(sequence(integer(0), info)));
}

function encrypted(plain: Buffer): { algorithm: Buffer; text: Buffer } {
  const [salt, iv] = [randomBytes(16), randomBytes(16)];
  const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync('', salt, ITERATIONS, 32, 'sha256'), iv);
  const prf = sequence(oid('1.2.840.113549.2.9'), der(0x05));
  const derivation = sequence(oid('1.2.840.113549.1.5.12'), sequence(octets(salt), integer(ITERATIONS), prf));
  const scheme = sequence(oid('2.16.840.1.101.3.4.1.42'), octets(iv));
  const algorithm = sequence(oid('1.2.840.113549.1.5.13'), sequence(derivation, scheme));
  return { algorithm, text: Buffer.concat([cipher.update(plain), cipher.final()]) };
}

/** DER: tag, length, content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = Buffer.from(
    length.toString(16).padStart(Math.ceil(length.toString(16).length / 2) * 2, '0'),
    'hex',
  );
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const octets = (content: Buffer): Buffer => der(0x04, content);
const context0 = (content: Buffer): Buffer => der(0xa0, content);
const integer = (value: number): Buffer => {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return der(0x02, (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);
};

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): readonly number[] {
  const digits = [arc & 0x7f];
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}
