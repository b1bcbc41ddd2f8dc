/** The names in the examples, and whose they are. */
import { Concealed } from '../../../src/domain/identity/concealed.ts';
import {
  type ClientCredential,
  managedIdentity,
  servicePrincipal,
  type TokenIdentity,
  workloadIdentity,
} from '../../../src/domain/identity/identity.ts';
import { hashKey } from '../../../src/domain/keyed-hash.ts';

export const EXAMPLE = {
  issuer: 'https://oidc.example/cluster/',
  audience: 'api://AzureADTokenExchange',
  vault: 'contoso.vault.azure.net',
  secret: 'orders-db',
  endpoint: 'https://contoso.azconfig.io',
  key: 'orders:*',
  clientId: '5e0c2f2e-9a31-4c8a-8d55-0c7a5b1d2e3f',
  tenantId: '7d1a3f0e-52c4-4b0e-9a6d-3c5e8f2b9d41',
  now: Date.UTC(2026, 0, 1),
} as const;

/** Who is refused, as the page calls it. */
export type Reader =
  | 'workload identity'
  | 'identity binding'
  | 'client secret'
  | 'client certificate'
  | 'expired certificate'
  | 'managed identity'
  | 'managed identity without a client id';

const { clientId, tenantId } = EXAMPLE;

const account = {
  namespace: 'shop',
  serviceAccount: 'orders',
  serviceAccountUid: 'uid',
  clientId,
  tenantId,
};

/** The key of its digest does not matter here. */
const principal = (credential: ClientCredential) =>
  servicePrincipal(
    {
      namespace: 'shop',
      secretName: 'orders-azure',
      clientId,
      tenantId,
      credential: new Concealed(credential),
    },
    hashKey(Buffer.alloc(32)),
  );

/** `pem`: one that can sign; whose thumbprint is told does not depend on it. */
const certified = (pem: string, year: number) =>
  principal({
    kind: 'certificate',
    pem,
    thumbprint: '3E1D0E5C6B1F4A7788990A1B2C3D4E5F60718293',
    expiresAt: Date.UTC(year, 0, 1),
  });

/** The identity of each; `pem`: a certificate with its key, for whoever wants to sign with it. */
export const readers = (pem = ''): Readonly<Record<Reader, TokenIdentity>> => ({
  'workload identity': workloadIdentity(account),
  'identity binding': workloadIdentity({ ...account, azureProxy: true }),
  'client secret': principal({ kind: 'secret', secret: 'example' }),
  'client certificate': certified(pem, 2100),
  'expired certificate': certified(pem, 2025),
  'managed identity': managedIdentity(clientId),
  'managed identity without a client id': managedIdentity(),
});
