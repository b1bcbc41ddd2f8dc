/** PFX files (RFC 7292) that no exporter would write. */
import { createCipheriv, pbkdf2Sync } from 'node:crypto';

/** A PFX without MAC that holds these bags in the clear. */
export function pfxOf(...bags: readonly Buffer[]): Buffer {
  const content = data(sequence(sequence(oid(DATA), wrapped(octets(sequence(...bags))))));
  return sequence(integer(3), content);
}

const SALT = Buffer.from([1]);
const IV = Buffer.alloc(16);

/** Shrouded keys that ask for so many iterations of PBKDF2 each, and then hold an empty sequence. */
export function hungryBags(count: number, iterations: number): readonly Buffer[] {
  const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync('', SALT, iterations, 32, 'sha1'), IV);
  const text = Buffer.concat([cipher.update(sequence()), cipher.final()]);
  return Array.from({ length: count }, () => shroudedKey(iterations, text));
}

/** One that nobody has ever decrypted. */
export const endlessBag = (): Buffer => shroudedKey(2 ** 31 - 1, Buffer.alloc(16));

function shroudedKey(iterations: number, text: Buffer): Buffer {
  const derivation = sequence(oid(PBKDF2), sequence(octets(SALT), integer(iterations)));
  const scheme = sequence(oid(AES_256_CBC), octets(IV));
  const algorithm = sequence(oid(PBES2), sequence(derivation, scheme));
  return sequence(oid(SHROUDED_KEY), wrapped(sequence(algorithm, octets(text))));
}

const DATA = '1.2.840.113549.1.7.1';
const SHROUDED_KEY = '1.2.840.113549.1.12.10.1.2';
const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const AES_256_CBC = '2.16.840.1.101.3.4.1.42';

const data = (content: Buffer): Buffer => sequence(oid(DATA), wrapped(octets(content)));

function node(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => node(0x30, Buffer.concat(parts));
const octets = (bytes: Buffer): Buffer => node(0x04, bytes);
const wrapped = (content: Buffer): Buffer => node(0xa0, content);

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return node(0x02, bytes);
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return node(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): readonly number[] {
  const higher = arc < 0x80 ? [] : base128(arc >> 7).map((byte) => byte | 0x80);
  return [...higher, arc & 0x7f];
}
