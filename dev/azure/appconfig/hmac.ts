/**
 * Requests signed with an access key (A.13).
 *
 * Guarantees: the checks come in the order of Microsoft's emulator: parameters, signed headers, date, credential,
 * signature, hash of the body; each refusal is the documented text for the challenge.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Call, header } from '../http/call.ts';
import type { AccessKey, AccessKeys } from './accesskeys.ts';

/** Either the key that signed, or the `error_description` of the 401. */
export type Signed = { readonly key: AccessKey } | { readonly error: string };

interface Parameters {
  readonly credential: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

export const HMAC_SCHEME = /^HMAC-SHA256(\s|$)/i;

const TOLERANCE_MS = 15 * 60 * 1000;
const DATES = ['x-ms-date', 'date'];
const CONTENT_HASH = 'x-ms-content-sha256';

/** Judges the `Authorization: HMAC-SHA256 …` of a request; `now` in milliseconds. */
export function verifySignature(call: Call, keys: AccessKeys, now: number): Signed {
  const parameters = readParameters(header(call, 'authorization') ?? '');
  if (!parameters) return { error: '[Credential][SignedHeaders][Signature] is required' };
  const badHeader = checkHeaders(call, parameters.signedHeaders);
  if (badHeader !== undefined) return { error: badHeader };
  const badDate = checkDate(call, parameters.signedHeaders, now);
  if (badDate !== undefined) return { error: badDate };
  const key = keys.byId(parameters.credential);
  if (!key) return { error: 'Invalid Credential' };
  if (!signatureHolds(call, parameters, key)) return { error: 'Invalid Signature' };
  return contentHolds(call) ? { key } : { error: 'Invalid request content hash' };
}

/** `Credential=…&SignedHeaders=a;b&Signature=…` in any order; undefined when one is missing or empty. */
function readParameters(authorization: string): Parameters | undefined {
  const pairs = authorization
    .replace(HMAC_SCHEME, '')
    .split('&')
    .map((pair): [string, string] => [
      pair.split('=', 1)[0]?.trim() ?? '',
      pair.slice(pair.indexOf('=') + 1),
    ]);
  const { Credential: credential, SignedHeaders: headers, Signature: signature } = Object.fromEntries(pairs);
  if (!credential || !headers || !signature) return undefined;
  return { credential, signature, signedHeaders: headers.toLowerCase().split(';') };
}

/** All that are named must be there; host, the content hash and one of the dates must be named. */
function checkHeaders(call: Call, names: readonly string[]): string | undefined {
  const absent = names.find((name) => header(call, name) === undefined);
  if (absent !== undefined) return `Signed request header '${absent}' is not provided`;
  if (!DATES.some((name) => names.includes(name))) return 'x-ms-date is required as a signed header';
  const unsigned = ['host', CONTENT_HASH].find((name) => !names.includes(name));
  return unsigned === undefined ? undefined : `${unsigned} is required as a signed header`;
}

/** `x-ms-date` wins over `Date`; 15 minutes either way are allowed. */
function checkDate(call: Call, names: readonly string[], now: number): string | undefined {
  const name = DATES.find((date) => names.includes(date)) ?? 'date';
  const time = Date.parse(header(call, name) ?? '');
  if (Number.isNaN(time)) return 'Invalid access token date';
  return Math.abs(now - time) > TOLERANCE_MS ? 'The access token has expired' : undefined;
}

/** Method, the raw request line and the signed values in their listed order, with the decoded secret. */
function signatureHolds(call: Call, { signedHeaders, signature }: Parameters, key: AccessKey): boolean {
  const values = signedHeaders.map((name) => header(call, name) ?? '').join(';');
  const expected = createHmac('sha256', Buffer.from(key.secret, 'base64'))
    .update(`${call.method}\n${call.target}\n${values}`)
    .digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function contentHolds(call: Call): boolean {
  return header(call, CONTENT_HASH) === createHash('sha256').update(call.body).digest('base64');
}
