/**
 * Key Vault secrets through their SDK, as the sources need it.
 *
 * Guarantees: every failure is a value; a token goes only to the vault whose challenge was verified against its
 * host name; one client per (vault, identity), and one challenge per vault for all of them (`vault-challenges.ts`).
 * Assumptions: callers allow only vault hosts of known clouds, limit concurrency and repeat; SDK retries are off.
 */
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { type KeyVaultSecret, SecretClient } from '@azure/keyvault-secrets';
import { cancelled, fail, ok, type Result } from '../../domain/failure.ts';
import type { TokenIdentity } from '../../domain/identity/identity.ts';
import type { ListedSecret, SecretValue } from '../../domain/secrets/secret.ts';
import type { ListRequest, SecretReader, SecretRequest } from '../../ports/azure.ts';
import type { Clock } from '../../ports/clock.ts';
import { ClientCache } from './client-cache.ts';
import { callSdk } from './sdk-call.ts';
import { VaultChallenges } from './vault-challenges.ts';
import { vaultFailure } from './vault-errors.ts';
import { VaultLists } from './vault-list.ts';

/** Sent with every request to a vault. */
export const VAULT_API_VERSION = '2026-04-01';
const MAX_CLIENTS = 1_024;

export interface VaultOptions {
  readonly http: HttpClient;
  readonly credentialFor: (identity: TokenIdentity) => TokenCredential;
  readonly clock: Clock;
  readonly userAgent: string;
}

export class KeyVaultReader implements SecretReader {
  readonly #options: VaultOptions;
  readonly #http: VaultLists;
  readonly #clients: ClientCache<SecretClient>;

  constructor(options: VaultOptions) {
    this.#options = options;
    this.#http = new VaultLists(new VaultChallenges(options.http, options.clock));
    this.#clients = new ClientCache(options.clock, MAX_CLIENTS);
  }

  async readSecret(
    { requestId, ...reference }: SecretRequest,
    identity: TokenIdentity,
    signal: AbortSignal,
  ): Promise<Result<SecretValue>> {
    if (signal.aborted) return fail(cancelled);
    const client = this.#client(reference.vault, identity);
    const outcome = await callSdk(
      (onResponse) =>
        client.getSecret(reference.name, {
          ...(reference.version === undefined ? {} : { version: reference.version }),
          ...(requestId === undefined ? {} : withRequestId(requestId)),
          abortSignal: signal,
          onResponse,
        }),
      signal,
    );
    const now = this.#options.clock.now();
    const read = { vault: reference.vault, reference, identity };
    if (outcome.kind !== 'done') return fail(vaultFailure(outcome, read, now));
    const value = secretOf(outcome.value);
    return value ? ok(value) : fail(vaultFailure({ kind: 'garbled' }, read, now));
  }

  async listSecrets(
    { vault, requestId }: ListRequest,
    identity: TokenIdentity,
    signal: AbortSignal,
  ): Promise<Result<readonly ListedSecret[]>> {
    if (signal.aborted) return fail(cancelled);
    const call = { vault, signal, ...(requestId === undefined ? {} : { requestId }) };
    const outcome = await this.#http.list(this.#client(vault, identity), call);
    if (outcome.kind === 'done') return ok(outcome.value);
    return fail(vaultFailure(outcome, { vault, identity }, this.#options.clock.now()));
  }

  #client(vault: string, identity: TokenIdentity): SecretClient {
    const { credentialFor, userAgent } = this.#options;
    // Asked for on each use, so that it lives as long as a client that holds it.
    const credential = credentialFor(identity);
    const create = () =>
      new SecretClient(`https://${vault}`, credential, {
        serviceVersion: VAULT_API_VERSION,
        httpClient: this.#http,
        retryOptions: { maxRetries: 0 },
        redirectOptions: { maxRetries: 0 },
        userAgentOptions: { userAgentPrefix: userAgent },
      });
    return this.#clients.get(`${vault} ${identity.key}`, create);
  }
}

/**
 * In place of the random id of the SDK; the vault's own log has it as its correlation id
 * (learn.microsoft.com/azure/key-vault/general/logging). This SDK's type has `customHeaders`, its code reads `headers`.
 */
function withRequestId(id: string) {
  const headers = { 'x-ms-client-request-id': id };
  return { requestOptions: { customHeaders: headers, headers } };
}

/** Undefined for what no vault answers: a secret without value or version. */
function secretOf({ value, properties }: KeyVaultSecret): SecretValue | undefined {
  const { version, contentType, expiresOn, notBefore, updatedOn } = properties;
  if (value === undefined || !version) return undefined;
  return {
    value,
    version,
    ...(contentType ? { contentType } : {}),
    ...(expiresOn ? { expiresAt: expiresOn.getTime() } : {}),
    ...(notBefore ? { notBefore: notBefore.getTime() } : {}),
    ...(updatedOn ? { updatedAt: updatedOn.getTime() } : {}),
  };
}
