/**
 * Durations as Go writes them, restricted to what users need: `90s`, `1h30m`, `1.5m`, `500ms`. No sign, no
 * units below a millisecond, at most three digits after the point: within that subset the API server (CEL
 * `duration()`, Go's ParseDuration) and this parser agree to the nanosecond.
 */

/** Common subset of RE2 and JavaScript. */
export const DURATION_PATTERN = '^([0-9]+([.][0-9]{1,3})?(h|ms|m|s))+$';

const NANOS = { h: 3_600_000_000_000n, m: 60_000_000_000n, s: 1_000_000_000n, ms: 1_000_000n } as const;
const PART = /([0-9]+)(?:[.]([0-9]{1,3}))?(h|ms|m|s)/g;
const WHOLE = new RegExp(DURATION_PATTERN);

const isUnit = (text: string | undefined): text is keyof typeof NANOS => text !== undefined && text in NANOS;

/** Nanoseconds, or undefined when `text` is not a duration. */
export function durationNanos(text: string): bigint | undefined {
  if (!WHOLE.test(text)) return undefined;
  let total = 0n;
  for (const [, whole, fraction, unit] of text.matchAll(PART)) {
    if (!isUnit(unit)) return undefined;
    total += (BigInt(`${whole}${(fraction ?? '').padEnd(3, '0')}`) * NANOS[unit]) / 1000n;
  }
  return total;
}
