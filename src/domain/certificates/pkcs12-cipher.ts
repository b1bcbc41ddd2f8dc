import { createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto';
import { type DerNode, integer, MalformedDer, members, octets, oid, TAG } from './der.ts';
import { decryptRc2 } from './rc2.ts';

/**
 * What the parts of a PFX are encrypted with: PBES2 (RFC 8018), and the older ways of RFC 7292, appendix C.
 *
 * Guarantees: the work that a PFX may ask for is bounded.
 * Failure: throws `MalformedDer`, `UnknownCipher` or `TooMuchWork`; a wrong password is either garbage or an exception of
 * Node.
 */
export class UnknownCipher extends Error {}
export class TooMuchWork extends Error {}

/**
 * What all parts of one PFX may ask for together. Key Vault and the usual exporters write 1,000 to 51,200 iterations
 * for each of two parts; 200,000 take a quarter of a second, in a thread that everybody waits for.
 */
export const MAX_ITERATIONS = 200_000;

/** Iterations of key derivation that are left. */
export class Effort {
  #left = MAX_ITERATIONS;

  /** @throws `TooMuchWork` before the work is begun. */
  spend(iterations: number): void {
    if (!(iterations >= 1)) throw new UnknownCipher();
    this.#left -= iterations;
    if (this.#left < 0) throw new TooMuchWork();
  }
}

/** What a part is opened with. */
export interface Opener {
  /** As UTF-8 for PBES2, as in `derive` for the others. */
  readonly password: Buffer;
  readonly effort: Effort;
}

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};
const CIPHERS: Readonly<Record<string, readonly [name: string, keyBytes: number]>> = {
  '1.2.840.113549.3.7': ['des-ede3-cbc', 24],
  '2.16.840.1.101.3.4.1.2': ['aes-128-cbc', 16],
  '2.16.840.1.101.3.4.1.22': ['aes-192-cbc', 24],
  '2.16.840.1.101.3.4.1.42': ['aes-256-cbc', 32],
};
const TRIPLE_DES = '1.2.840.113549.1.12.1.3';
const RC2_128 = '1.2.840.113549.1.12.1.5';
const RC2_40 = '1.2.840.113549.1.12.1.6';

/** Decrypts with an AlgorithmIdentifier. */
export function decrypt(algorithm: DerNode | undefined, opener: Opener, text: Buffer): Buffer {
  const [id, parameters] = members(algorithm);
  switch (oid(id)) {
    case PBES2:
      return decryptPbes2(parameters, opener.effort, text);
    case TRIPLE_DES:
      return decryptOld(parameters, opener, 24, (key, iv) => decipher('des-ede3-cbc', key, iv, text));
    case RC2_128:
      return decryptOld(parameters, opener, 16, (key, iv) =>
        unpadded(decryptRc2(key, 128, iv, blocks(text))),
      );
    case RC2_40:
      return decryptOld(parameters, opener, 5, (key, iv) => unpadded(decryptRc2(key, 40, iv, blocks(text))));
    default:
      throw new UnknownCipher();
  }
}

/** With an empty password. */
function decryptPbes2(parameters: DerNode | undefined, effort: Effort, text: Buffer): Buffer {
  const [derivation, scheme] = members(parameters);
  const [derivationId, derivationParameters] = members(derivation);
  const [schemeId, iv] = members(scheme);
  const cipher = CIPHERS[oid(schemeId)];
  if (oid(derivationId) !== PBKDF2 || cipher === undefined) throw new UnknownCipher();
  const [salt, iterations, ...rest] = members(derivationParameters);
  const prf = rest.find(({ tag }) => tag === TAG.sequence);
  const hash = prf === undefined ? 'sha1' : HASHES[oid(members(prf)[0])];
  if (hash === undefined) throw new UnknownCipher();
  const [name, keyBytes] = cipher;
  const rounds = integer(iterations);
  effort.spend(rounds);
  const key = pbkdf2Sync('', octets(salt), rounds, keyBytes, hash);
  return decipher(name, key, octets(iv), text);
}

function decryptOld(
  parameters: DerNode | undefined,
  opener: Opener,
  keyBytes: number,
  decryptWith: (key: Buffer, iv: Buffer) => Buffer,
): Buffer {
  const [salt, iterations] = members(parameters);
  const given = { ...opener, salt: octets(salt), iterations: integer(iterations) };
  return decryptWith(
    derive({ ...given, purpose: 1, size: keyBytes }),
    derive({ ...given, purpose: 2, size: 8 }),
  );
}

function decipher(name: string, key: Buffer, iv: Buffer, text: Buffer): Buffer {
  const running = createDecipheriv(name, key, iv);
  return Buffer.concat([running.update(text), running.final()]);
}

function blocks(text: Buffer): Buffer {
  if (text.length === 0 || text.length % 8 !== 0) throw new MalformedDer('blocks');
  return text;
}

function unpadded(plain: Buffer): Buffer {
  const size = plain.at(-1) ?? 0;
  if (size < 1 || size > 8 || plain.subarray(-size).some((byte) => byte !== size))
    throw new MalformedDer('padding');
  return plain.subarray(0, -size);
}

interface Derivation extends Opener {
  /** UTF-16BE with a zero at its end; for no password that zero alone, or nothing at all. */
  readonly password: Buffer;
  readonly salt: Buffer;
  readonly iterations: number;
  /** 1: a key, 2: an initial vector. */
  readonly purpose: 1 | 2;
  readonly size: number;
}

/** Of SHA-1, the only hash of the older ciphers. */
const BLOCK = 64;

/** RFC 7292, appendix B.2. */
function derive({ password, effort, salt, iterations, purpose, size }: Derivation): Buffer {
  let input: Buffer = Buffer.concat([repeated(salt), repeated(password)]);
  const parts: Buffer[] = [];
  for (let made = 0; made < size; ) {
    effort.spend(iterations);
    let digest = createHash('sha1').update(Buffer.alloc(BLOCK, purpose)).update(input).digest();
    for (let round = 1; round < iterations; round += 1) digest = createHash('sha1').update(digest).digest();
    parts.push(digest);
    made += digest.length;
    input = plusOne(input, filled(digest, BLOCK));
  }
  return Buffer.concat(parts).subarray(0, size);
}

/** Again and again, up to whole blocks. */
const repeated = (bytes: Buffer): Buffer => filled(bytes, Math.ceil(bytes.length / BLOCK) * BLOCK);

const filled = (bytes: Buffer, size: number): Buffer =>
  size === 0 ? Buffer.alloc(0) : Buffer.alloc(size, bytes);

/** Adds `addend` and one to each block, as big-endian numbers. */
function plusOne(input: Buffer, addend: Buffer): Buffer {
  const sum = Buffer.from(input);
  for (let start = 0; start < sum.length; start += BLOCK) {
    let carry = 1;
    for (let i = BLOCK - 1; i >= 0; i -= 1) {
      carry += (sum[start + i] ?? 0) + (addend[i] ?? 0);
      sum[start + i] = carry & 0xff;
      carry >>= 8;
    }
  }
  return sum;
}
