/**
 * Every refusal of Azure that the operator tells apart, as the wire has it, and what a user is told. One list for the
 * page (`page.ts`) and for the test that plays each to the real adapters.
 */
import { entraFailure } from '../../../src/adapters/azure/entra-errors.ts';
import { metadataRefusal } from '../../../src/adapters/azure/managed-identity.ts';
import type { Answer } from '../../../src/adapters/azure/sdk-call.ts';
import { storeFailure } from '../../../src/adapters/azure/store-errors.ts';
import { vaultFailure } from '../../../src/adapters/azure/vault-errors.ts';
import type { Failure } from '../../../src/domain/failure.ts';
import type { Application, ManagedIdentity, TokenIdentity } from '../../../src/domain/identity/identity.ts';
import { ENTRA, type EntraReader, METADATA, type MetadataReader, STORE, VAULT } from './answers.ts';
import { EXAMPLE, type Reader, readers } from './examples.ts';

export interface ErrorCase {
  readonly service: 'entra' | 'identitybinding' | 'imds' | 'keyvault' | 'appconfig';
  /** Who is refused. */
  readonly reader: Reader;
  readonly status: number;
  /** AADSTS number, inner error code or problem type; '' where the status says it all. */
  readonly code: string;
  /** Of a vault: the list is refused, and no secret. */
  readonly list?: true;
  /** Of the answer. */
  readonly body: string;
  readonly failure: Exclude<Failure, { kind: 'cancelled' }>;
}

const IDENTITIES = readers();

export const errorCases = (): readonly ErrorCase[] => [
  ...ENTRA.flatMap(([reader, answers]) => answers.map(([code, status]) => entraCase(reader, code, status))),
  ...METADATA.map(([reader, status, description]) => metadataCase(reader, status, description)),
  ...VAULT.map(vaultCase),
  ...STORE.map(storeCase),
];

function entraCase(reader: EntraReader, code: number, status: number): ErrorCase {
  const identity = IDENTITIES[reader];
  const { issuer, audience, now } = EXAMPLE;
  const failure = entraFailure({
    identity: applicationOf(identity),
    authority: 'login.microsoftonline.com',
    audience: 'https://azconfig.io',
    claims: { issuer, audience },
    now,
    status,
    ...(code === 0 ? {} : { code }),
  });
  const body = code === 0 ? '' : entraBody(code);
  return {
    service: reader === 'identity binding' ? 'identitybinding' : 'entra',
    reader,
    status,
    code: code === 0 ? '' : `AADSTS${code}`,
    body,
    failure: told(failure),
  };
}

const entraBody = (code: number): string =>
  JSON.stringify({ error: 'invalid_client', error_description: `AADSTS${code}: x`, error_codes: [code] });

function metadataCase(reader: MetadataReader, status: number, description: string): ErrorCase {
  const answer = { error: 'invalid_request', error_description: description };
  const failure = metadataRefusal(managedOf(IDENTITIES[reader]), status, answer, undefined);
  const body = JSON.stringify(answer);
  return { service: 'imds', reader, status, code: description, body, failure: told(failure) };
}

function vaultCase({ status, inner = '', reader = 'workload identity', list }: VaultAnswer): ErrorCase {
  const innererror = inner === '' ? {} : { innererror: { code: inner } };
  const body = JSON.stringify({ error: { code: 'x', message: 'x', ...innererror } });
  const { vault, secret: name } = EXAMPLE;
  const read = { vault, identity: IDENTITIES[reader], ...(list ? {} : { reference: { vault, name } }) };
  const failure = vaultFailure({ kind: 'answered', answer: answerOf(status, body) }, read, 0);
  const of = list ? { list } : {};
  return { service: 'keyvault', reader, status, code: inner, ...of, body, failure: told(failure) };
}

type VaultAnswer = (typeof VAULT)[number];
type StoreAnswer = (typeof STORE)[number];

function storeCase({ status, problem = '', reader = 'workload identity' }: StoreAnswer): ErrorCase {
  const type = `https://azconfig.io/errors/${problem}`;
  const name = problem === 'invalid-argument' ? { name: 'key' } : {};
  const body = problem === '' ? '' : JSON.stringify({ type, title: 'x', status, ...name });
  const filter = { key: EXAMPLE.key, label: null };
  const read = { endpoint: EXAMPLE.endpoint, filter, identity: IDENTITIES[reader] };
  const failure = storeFailure({ kind: 'answered', answer: answerOf(status, body) }, read, 0);
  return { service: 'appconfig', reader, status, code: problem, body, failure: told(failure) };
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

function applicationOf(identity: TokenIdentity): Application {
  if (identity.kind === 'WorkloadIdentity' || identity.kind === 'ServicePrincipal') return identity;
  throw new Error(`a ${identity.kind} asks Entra for nothing`);
}

function managedOf(identity: TokenIdentity): ManagedIdentity {
  if (identity.kind === 'ManagedIdentity') return identity;
  throw new Error(`a ${identity.kind} asks no metadata service`);
}
