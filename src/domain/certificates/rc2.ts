/**
 * RC2 in CBC mode, decryption only (RFC 2268): Windows, and with it Key Vault, encrypts the certificates of a PFX
 * with a 40-bit RC2, which OpenSSL 3 and so Node no longer have. It protects nothing, since the password is empty.
 */
const PI = Buffer.from(
  'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2' +
    '179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82' +
    '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626' +
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7' +
    '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec' +
    'c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9' +
    '0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
  'hex',
);
const BLOCK = 8;

/** Without padding removed. `text` must be whole blocks. */
export function decryptRc2(key: Buffer, effectiveBits: number, iv: Buffer, text: Buffer): Buffer {
  const words = expandKey(key, effectiveBits);
  const plain = Buffer.alloc(text.length);
  let before = iv;
  for (let at = 0; at < text.length; at += BLOCK) {
    const block = text.subarray(at, at + BLOCK);
    decryptBlock(words, block).forEach((word, index) => {
      plain.writeUInt16LE(word ^ before.readUInt16LE(index * 2), at + index * 2);
    });
    before = block;
  }
  return plain;
}

/** RFC 2268, section 2. */
function expandKey(key: Buffer, effectiveBits: number): Uint16Array {
  const bytes = Buffer.alloc(128);
  key.copy(bytes);
  const at = (index: number): number => bytes[index] ?? 0;
  for (let i = key.length; i < 128; i += 1) bytes[i] = PI[(at(i - 1) + at(i - key.length)) & 0xff] ?? 0;
  const length = Math.ceil(effectiveBits / 8);
  const mask = 0xff >> (8 * length - effectiveBits);
  bytes[128 - length] = PI[at(128 - length) & mask] ?? 0;
  for (let i = 127 - length; i >= 0; i -= 1) bytes[i] = PI[at(i + 1) ^ at(i + length)] ?? 0;
  return Uint16Array.from({ length: 64 }, (_, index) => bytes.readUInt16LE(index * 2));
}

const ROTATIONS = [1, 2, 3, 5] as const;

/** RFC 2268, section 4: five rounds of mixing, one of mashing, six, one, five, backwards. */
function decryptBlock(words: Uint16Array, block: Buffer): readonly number[] {
  const r = [0, 2, 4, 6].map((offset) => block.readUInt16LE(offset));
  const of = (index: number): number => r[index & 3] ?? 0;
  let next = 63;
  const unmix = (): void => {
    for (let i = 3; i >= 0; i -= 1) {
      const turn = ROTATIONS[i] ?? 0;
      const turned = ((of(i) >> turn) | (of(i) << (16 - turn))) & 0xffff;
      const mixed = (of(i + 3) & of(i + 2)) + (~of(i + 3) & of(i + 1) & 0xffff) + (words[next] ?? 0);
      r[i] = (turned - mixed) & 0xffff;
      next -= 1;
    }
  };
  const unmash = (): void => {
    for (let i = 3; i >= 0; i -= 1) r[i] = (of(i) - (words[of(i + 3) & 63] ?? 0)) & 0xffff;
  };
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i += 1) unmix();
  };
  rounds(5);
  unmash();
  rounds(6);
  unmash();
  rounds(5);
  return r;
}
