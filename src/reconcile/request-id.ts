import type { Random } from '../ports/random.ts';

/**
 * A random UUID (RFC 9562, version 4) for the requests of one pass. It proves nothing to anybody: it only has to be
 * another one each time, and the same in a simulation with the same seed.
 */
export function requestId(random: Random): string {
  const digits = Array.from({ length: 4 }, () => quarter(random)).join('');
  const variant = (0x8 | (Number.parseInt(digits.charAt(16), 16) & 0x3)).toString(16);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20),
  ].join('-');
}

/** 32 bits in hexadecimal. */
const quarter = (random: Random): string =>
  Math.floor(random.next() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
