import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../clock.ts';
import type { App, FederatedCredential } from './directory.ts';
import { type EntraError, entraErrors } from './errors.ts';
import type { ExternalIssuers } from './issuers.ts';

/** What of an assertion is matched against federated credentials. */
export interface AssertionClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly notBefore: number;
  readonly expires: number;
}

/**
 * Checks a client assertion; undefined means accepted.
 *
 * Entra's own order of checks is not documented. Ours: parse, has credentials, issuer, subject, audience,
 * keys reachable, signature, time window (C.3).
 */
export async function checkAssertion(
  assertion: string,
  app: App,
  issuers: ExternalIssuers,
  clock: Clock,
): Promise<EntraError | undefined> {
  const claims = readClaims(assertion);
  if (!claims) return entraErrors.malformedAssertion();
  if (app.credentials.length === 0) return entraErrors.noCredentials(app.clientId, app.name);
  return (
    matchCredential(claims, app.credentials) ??
    (await checkSignature(assertion, claims.issuer, issuers)) ??
    checkLifetime(claims, clock)
  );
}

/** Finds what does not match, as narrowly as Entra says it; undefined when one credential fits (C.3, C.4). */
export function matchCredential(
  claims: AssertionClaims,
  credentials: readonly FederatedCredential[],
): EntraError | undefined {
  const { issuer, subject, audiences } = claims;
  const sameIssuer = credentials.filter((credential) => credential.issuer === issuer);
  if (sameIssuer.length === 0) return entraErrors.noIssuer(issuer);
  const sameSubject = sameIssuer.filter((credential) => credential.subject === subject);
  if (sameSubject.length === 0) return subjectError(subject, sameIssuer);
  if (sameSubject.some(({ audience }) => audiences.includes(audience))) return undefined;
  return entraErrors.noAudience(audiences.join(','));
}

/** A difference of case alone has a code of its own. */
function subjectError(subject: string, credentials: readonly FederatedCredential[]): EntraError {
  const folded = subject.toLowerCase();
  const onlyCase = credentials.some((credential) => credential.subject.toLowerCase() === folded);
  return onlyCase ? entraErrors.subjectCase(subject) : entraErrors.noSubject(subject);
}

/** Undefined: it is no token. */
export function readClaims(assertion: string): AssertionClaims | undefined {
  try {
    decodeProtectedHeader(assertion);
    return toClaims(decodeJwt(assertion));
  } catch {
    return undefined;
  }
}

function toClaims(payload: JWTPayload): AssertionClaims | undefined {
  const { iss, sub, aud, nbf, exp } = payload;
  if (iss === undefined || sub === undefined || exp === undefined) return undefined;
  const audiences = Array.isArray(aud) ? aud : [aud ?? ''];
  return { issuer: iss, subject: sub, audiences, notBefore: nbf ?? 0, expires: exp };
}

/** Whether the keys of its issuer made it. */
export async function checkSignature(
  assertion: string,
  issuer: string,
  issuers: ExternalIssuers,
): Promise<EntraError | undefined> {
  // Only RS256 assertions are accepted (C.3).
  if (decodeProtectedHeader(assertion).alg !== 'RS256')
    return entraErrors.badSignature('Only RS256 is supported.');
  const first = await trySignature(assertion, issuer, issuers, false);
  // An unknown key id makes Entra read the issuer's keys again: clusters rotate them.
  const outcome = first === 'unknown-key' ? await trySignature(assertion, issuer, issuers, true) : first;
  if (outcome === 'valid') return undefined;
  if (outcome === 'unreachable') return entraErrors.issuerUnreachable();
  return entraErrors.badSignature(
    outcome === 'unknown-key' ? 'The key was not found.' : 'Signature check failed.',
  );
}

type SignatureOutcome = 'valid' | 'invalid' | 'unknown-key' | 'unreachable';

async function trySignature(
  assertion: string,
  issuer: string,
  issuers: ExternalIssuers,
  refresh: boolean,
): Promise<SignatureOutcome> {
  const keys = await issuers.keysOf(issuer, refresh);
  if (!keys) return 'unreachable';
  try {
    // The time window is judged by the pretend clock afterwards.
    const options = {
      algorithms: ['RS256'],
      currentDate: new Date(0),
      clockTolerance: Number.MAX_SAFE_INTEGER,
    };
    await jwtVerify(assertion, keys, options);
    return 'valid';
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return 'unknown-key';
    if (error instanceof errors.JOSEError) return 'invalid';
    throw error;
  }
}

export function checkLifetime(claims: AssertionClaims, clock: Clock): EntraError | undefined {
  const now = clock.seconds();
  if (claims.notBefore <= now && now < claims.expires) return undefined;
  return entraErrors.outsideLifetime(stamp(now), stamp(claims.notBefore), stamp(claims.expires));
}

function stamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
