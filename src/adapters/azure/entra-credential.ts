import type { AccessToken, GetTokenOptions } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
} from '@azure/identity';
import { ok, type Result } from '../../domain/failure.ts';
import type { Application, ClientCredential } from '../../domain/identity/identity.ts';
import type { AssertionSource } from '../../ports/azure.ts';
import { isKnownAuthority } from './authorities.ts';

/** What an identity shows to Entra. */
export type Proof = { readonly kind: 'assertion'; readonly assertion: string } | ClientCredential;

/** A TokenCredential that always gives a token or throws. */
export interface EntraCredential {
  getToken(scopes: string[], options: GetTokenOptions): Promise<AccessToken>;
}

/** Where a proof is shown, and as what program. */
export interface Counter {
  readonly authorityHost: string;
  readonly httpClient: HttpClient;
  readonly userAgent: string;
}

export async function proofOf(identity: Application, assertions: AssertionSource): Promise<Result<Proof>> {
  switch (identity.kind) {
    case 'WorkloadIdentity': {
      const assertion = await assertions.assertion(identity);
      return assertion.ok ? ok({ kind: 'assertion', assertion: assertion.value }) : assertion;
    }
    case 'ServicePrincipal':
      return ok(identity.credential.reveal());
  }
}

/** The SDK's credential for one exchange. It allows no other tenant. */
export function entraCredential(
  { tenantId, clientId }: Application,
  proof: Proof,
  { authorityHost, httpClient, userAgent }: Counter,
): EntraCredential {
  // No redirects and no retries: the gate of the caller decides when to try again.
  const options = {
    authorityHost,
    disableInstanceDiscovery: !isKnownAuthority(authorityHost),
    httpClient,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: userAgent },
  };
  switch (proof.kind) {
    case 'assertion': {
      const getAssertion = () => Promise.resolve(proof.assertion);
      return new ClientAssertionCredential(tenantId, clientId, getAssertion, options);
    }
    case 'secret':
      return new ClientSecretCredential(tenantId, clientId, proof.secret, options);
    case 'certificate':
      return new ClientCertificateCredential(tenantId, clientId, { certificate: proof.pem }, options);
  }
}
