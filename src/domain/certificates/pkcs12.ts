import { type DerNode, integer, MalformedDer, members, octets, oid, readAll, TAG } from './der.ts';
import { decrypt, Effort, MAX_ITERATIONS, type Opener, TooMuchWork, UnknownCipher } from './pkcs12-cipher.ts';

/**
 * The certificates and private keys of a PFX without a password (RFC 7292), as Key Vault hands them out.
 *
 * Its MAC is not looked at: without a password it proves nothing. Whether key and certificate belong together is for
 * the caller to verify.
 * Failure: a problem, as the end of a sentence. Nothing of the PFX is in it.
 */
export interface KeysAndCertificates {
  /** DER, in the order of the file. */
  readonly certificates: readonly Buffer[];
  /** PKCS#8, DER. */
  readonly keys: readonly Buffer[];
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string };

export function parsePfx(pfx: Buffer): Parsed<KeysAndCertificates> {
  const effort = new Effort();
  let problem = 'is no PFX without a password';
  for (const password of NO_PASSWORDS) {
    try {
      return { ok: true, value: collect(pfx, { password, effort }) };
    } catch (error) {
      if (error instanceof TooMuchWork) return { ok: false, problem: TOO_MUCH };
      if (error instanceof UnknownCipher) problem = 'is a PFX that is encrypted in a way that is not known';
    }
  }
  return { ok: false, problem };
}

const TOO_MUCH = `is a PFX that asks for more than ${MAX_ITERATIONS} iterations of key derivation: export it anew with fewer, which without a password protect nothing`;

/** No password is an empty text with the zero that ends it, or nothing at all: exporters differ. */
const NO_PASSWORDS = [Buffer.alloc(2), Buffer.alloc(0)];

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const BAG = '1.2.840.113549.1.12.10.1';
const X509 = '1.2.840.113549.1.9.22.1';

function collect(pfx: Buffer, opener: Opener): KeysAndCertificates {
  const [top] = readAll(pfx);
  const [version, authSafe] = members(top);
  if (integer(version) !== 3) throw new MalformedDer('version');
  const found: Found = { certificates: [], keys: [] };
  const [contents] = readAll(contentOf(authSafe, opener));
  for (const content of members(contents)) addBags(contentOf(content, opener), opener, found, 0);
  return found;
}

interface Found {
  readonly certificates: Buffer[];
  readonly keys: Buffer[];
}

/** The bytes inside a ContentInfo, decrypted. */
function contentOf(info: DerNode | undefined, opener: Opener): Buffer {
  const [type, wrapped] = members(info);
  const [inner] = members(wrapped, TAG.context0);
  if (oid(type) === DATA) return octets(inner);
  if (oid(type) !== ENCRYPTED_DATA) throw new UnknownCipher();
  const [, encrypted] = members(inner);
  const [, algorithm, text] = members(encrypted);
  return decrypt(algorithm, opener, octets(text));
}

const MAX_NESTING = 4;

function addBags(safe: Buffer, opener: Opener, found: Found, depth: number): void {
  const [bags] = readAll(safe);
  for (const bag of members(bags)) {
    const [type, wrapped] = members(bag);
    const [value] = members(wrapped, TAG.context0);
    switch (oid(type)) {
      case `${BAG}.1`:
        if (value) found.keys.push(value.whole);
        break;
      case `${BAG}.2`: {
        const [algorithm, text] = members(value);
        found.keys.push(decrypt(algorithm, opener, octets(text)));
        break;
      }
      case `${BAG}.3`:
        found.certificates.push(...certificateOf(value));
        break;
      case `${BAG}.6`:
        if (value && depth < MAX_NESTING) addBags(value.whole, opener, found, depth + 1);
        break;
    }
  }
}

function certificateOf(bag: DerNode | undefined): readonly Buffer[] {
  const [type, wrapped] = members(bag);
  if (oid(type) !== X509) return [];
  return [octets(members(wrapped, TAG.context0)[0])];
}
