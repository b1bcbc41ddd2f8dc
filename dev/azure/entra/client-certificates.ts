import { X509Certificate } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { Clock } from '../clock.ts';
import type { CloudNames } from '../hosts.ts';
import type { App } from './directory.ts';
import { type EntraError, entraErrors } from './errors.ts';

/** Whether an assertion speaks for the application itself: signed with its certificate, not by an OIDC issuer. */
export function isOwnAssertion(assertion: string, { clientId }: App): boolean {
  try {
    return decodeJwt(assertion).iss?.toLowerCase() === clientId;
  } catch {
    return false;
  }
}

/**
 * Checks an assertion that the application signed with one of its certificates; undefined means accepted.
 *
 * Certificate credentials (learn.microsoft.com/entra/identity-platform/certificate-credentials): `x5t#S256` with PS256,
 * or `x5t` with RS256; issuer and subject are the client id, the audience is the token endpoint.
 */
export async function checkOwnAssertion(
  assertion: string,
  app: App,
  clock: Clock,
  { login }: CloudNames,
): Promise<EntraError | undefined> {
  const { tenantId, clientId } = app;
  const claims = decodeJwt(assertion);
  const certificate = certificateOf(assertion, app);
  if (certificate === undefined) return entraErrors.unknownCertificate(thumbprintOf(assertion), clientId);
  if (certificate.validToDate.getTime() <= clock.now())
    return entraErrors.expiredCertificate(thumbprintOf(assertion), clientId);
  if (!(await isSignedBy(assertion, certificate))) return entraErrors.badSignature('Signature check failed.');
  if (!audiences(login, tenantId).includes(String(claims.aud)) || claims.sub?.toLowerCase() !== clientId)
    return entraErrors.wrongAssertionAudience();
  const [now, from, until] = [clock.seconds(), claims.nbf ?? 0, claims.exp ?? 0];
  if (from <= now + SKEW_SECONDS && now - SKEW_SECONDS < until) return undefined;
  return entraErrors.outsideLifetime(stamp(now), stamp(from), stamp(until));
}

/** Entra tolerates clocks that are five minutes off. */
const SKEW_SECONDS = 300;

function certificateOf(assertion: string, app: App): X509Certificate | undefined {
  const header = decodeProtectedHeader(assertion);
  return app.certificates
    .map(({ pem }) => new X509Certificate(pem))
    .find(
      ({ fingerprint, fingerprint256 }) =>
        base64url(fingerprint) === header.x5t || base64url(fingerprint256) === header['x5t#S256'],
    );
}

async function isSignedBy(assertion: string, { publicKey }: X509Certificate): Promise<boolean> {
  try {
    // The time window is judged by the pretend clock.
    const options = { currentDate: new Date(0), clockTolerance: Number.MAX_SAFE_INTEGER };
    await jwtVerify(assertion, publicKey, { algorithms: ['RS256', 'PS256'], ...options });
    return true;
  } catch (error) {
    if (error instanceof errors.JOSEError) return false;
    throw error;
  }
}

const audiences = (login: string, tenantId: string): readonly string[] =>
  ['oauth2/v2.0/token', 'v2.0'].map((path) => `https://${login}/${tenantId}/${path}`);

/** `AB:CD:…` → the form of a JWT header. */
const base64url = (fingerprint: string): string =>
  Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url');

/** In hex, as error texts show it. */
function thumbprintOf(assertion: string): string {
  const header = decodeProtectedHeader(assertion);
  const given = header.x5t ?? header['x5t#S256'];
  return Buffer.from(typeof given === 'string' ? given : '', 'base64url')
    .toString('hex')
    .toUpperCase();
}

const stamp = (seconds: number): string => new Date(seconds * 1000).toISOString();
