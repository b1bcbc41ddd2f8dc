/**
 * Every refusal of Azure that the operator tells apart, as the wire has it, and what a user is told. One list for the
 * page (`azure-errors-page.ts`) and for the test that plays each to the real adapters.
 */
import { entraFailure } from '../../src/adapters/azure/entra-errors.ts';
import type { Answer } from '../../src/adapters/azure/sdk-call.ts';
import { storeFailure } from '../../src/adapters/azure/store-errors.ts';
import { vaultFailure } from '../../src/adapters/azure/vault-errors.ts';
import { Concealed } from '../../src/domain/concealed.ts';
import type { Failure } from '../../src/domain/failure.ts';
import { hashKey } from '../../src/domain/hash.ts';
import { type Application, servicePrincipal, workloadIdentity } from '../../src/domain/identity.ts';

/** The names in the examples. */
export const EXAMPLE = {
  issuer: 'https://oidc.example/cluster/',
  audience: 'api://AzureADTokenExchange',
  vault: 'contoso.vault.azure.net',
  secret: 'orders-db',
  endpoint: 'https://contoso.azconfig.io',
  key: 'orders:*',
} as const;

export const EXAMPLE_IDENTITY = workloadIdentity({
  namespace: 'shop',
  serviceAccount: 'orders',
  serviceAccountUid: 'uid',
  clientId: '5e0c2f2e-9a31-4c8a-8d55-0c7a5b1d2e3f',
  tenantId: '7d1a3f0e-52c4-4b0e-9a6d-3c5e8f2b9d41',
});

/** The same application, by what a Secret holds; the key of its digest does not matter here. */
const EXAMPLE_PRINCIPAL = servicePrincipal(
  {
    namespace: 'shop',
    secretName: 'orders-azure',
    clientId: EXAMPLE_IDENTITY.clientId,
    tenantId: EXAMPLE_IDENTITY.tenantId,
    credential: new Concealed({ kind: 'secret', secret: 'example' }),
  },
  hashKey(Buffer.alloc(32)),
);

export interface ErrorCase {
  readonly service: 'entra' | 'keyvault' | 'appconfig';
  /** Who is refused. */
  readonly identity: Application;
  readonly status: number;
  /** AADSTS number, inner error code or problem type; '' where the status says it all. */
  readonly code: string;
  /** Of the answer. */
  readonly body: string;
  readonly failure: Exclude<Failure, { kind: 'cancelled' }>;
}

/** Codes of Entra with the status that each comes with (learn.microsoft.com/entra/identity-platform/reference-error-codes). */
const ENTRA: readonly (readonly [code: number, status: number])[] = [
  [70025, 401],
  [70021, 401],
  [700211, 401],
  [700212, 401],
  [700213, 401],
  [7002138, 401],
  [700016, 400],
  [7000112, 400],
  [90002, 400],
  [900023, 400],
  [900382, 400],
  [500011, 400],
  [70011, 400],
  [1002012, 400],
  [700024, 401],
  [700027, 401],
  [90061, 400],
  [50166, 400],
  [50196, 400],
  [900144, 400],
  [90033, 503],
  [90055, 429],
];

/** Codes about a client secret. */
const PRINCIPAL: readonly (readonly [code: number, status: number])[] = [
  [7000215, 401],
  [7000222, 401],
];

/** Inner codes of a vault's 403, and the other statuses (learn.microsoft.com/azure/key-vault/general/rest-error-codes). */
const VAULT: readonly (readonly [status: number, inner: string])[] = [
  [400, ''],
  [401, ''],
  [403, 'ForbiddenByRbac'],
  [403, 'AccessDenied'],
  [403, 'ForbiddenByFirewall'],
  [403, 'ForbiddenByConnection'],
  [403, 'SecretDisabled'],
  [403, ''],
  [404, ''],
  [429, ''],
  [503, ''],
];

/** Problem types of App Configuration (learn.microsoft.com/azure/azure-app-configuration/rest-api). */
const STORE: readonly (readonly [status: number, problem: string])[] = [
  [400, 'invalid-argument'],
  [401, ''],
  [403, ''],
  [403, 'ip-address-rejected'],
  [404, ''],
  [429, ''],
  [503, ''],
];

export const errorCases = (): readonly ErrorCase[] => [
  ...ENTRA.map(([code, status]) => entraCase(code, status, EXAMPLE_IDENTITY)),
  ...PRINCIPAL.map(([code, status]) => entraCase(code, status, EXAMPLE_PRINCIPAL)),
  ...VAULT.map(([status, inner]) => vaultCase(status, inner)),
  ...STORE.map(([status, problem]) => storeCase(status, problem)),
];

function entraCase(code: number, status: number, identity: Application): ErrorCase {
  const { issuer, audience } = EXAMPLE;
  const failure = entraFailure({
    identity,
    authority: 'login.microsoftonline.com',
    audience: 'https://azconfig.io',
    claims: { issuer, audience },
    now: 0,
    status,
    code,
  });
  const body = JSON.stringify({
    error: 'invalid_client',
    error_description: `AADSTS${code}: x`,
    error_codes: [code],
  });
  return { service: 'entra', identity, status, code: `AADSTS${code}`, body, failure: told(failure) };
}

function vaultCase(status: number, inner: string): ErrorCase {
  const innererror = inner === '' ? {} : { innererror: { code: inner } };
  const body = JSON.stringify({ error: { code: 'x', message: 'x', ...innererror } });
  const identity = EXAMPLE_IDENTITY;
  const { vault, secret: name } = EXAMPLE;
  const read = { vault, reference: { vault, name }, identity };
  const failure = vaultFailure({ kind: 'answered', answer: answerOf(status, body) }, read, 0);
  return { service: 'keyvault', identity, status, code: inner, body, failure: told(failure) };
}

function storeCase(status: number, problem: string): ErrorCase {
  const type = `https://azconfig.io/errors/${problem}`;
  const name = problem === 'invalid-argument' ? { name: 'key' } : {};
  const body = problem === '' ? '' : JSON.stringify({ type, title: 'x', status, ...name });
  const filter = { key: EXAMPLE.key, label: null };
  const identity = EXAMPLE_IDENTITY;
  const read = { endpoint: EXAMPLE.endpoint, filter, identity };
  const failure = storeFailure({ kind: 'answered', answer: answerOf(status, body) }, read, 0);
  return { service: 'appconfig', identity, status, code: problem, body, failure: told(failure) };
}

const answerOf = (status: number, body: string): Answer => ({
  status,
  header: () => undefined,
  body: body === '' ? undefined : JSON.parse(body),
});

function told(failure: Failure): ErrorCase['failure'] {
  if (failure.kind === 'cancelled') throw new Error('a refusal is no cancellation');
  return failure;
}
