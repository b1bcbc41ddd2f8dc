/** What a person needs from a ServiceAccount token to create a federated credential. Unverified. */
export interface AssertionClaims {
  readonly issuer?: string;
  readonly audience?: string;
}

/** Reads `iss` and `aud` of a JWT without verifying it; the token itself must never be printed. */
export function assertionClaims(assertion: string): AssertionClaims {
  const payload = payloadOf(assertion);
  const issuer = printable(Reflect.get(payload, 'iss'));
  const aud: unknown = Reflect.get(payload, 'aud');
  const audience = printable(Array.isArray(aud) ? aud[0] : aud);
  return {
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
}

function payloadOf(assertion: string): object {
  try {
    const payload: unknown = JSON.parse(
      Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8'),
    );
    return typeof payload === 'object' && payload !== null ? payload : {};
  } catch {
    return {};
  }
}

/** Issuers and audiences are URIs; anything else stays out of messages. */
function printable(claim: unknown): string | undefined {
  return typeof claim === 'string' && /^[\x21-\x7e]{1,512}$/.test(claim) ? claim : undefined;
}
