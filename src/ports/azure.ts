import type { Result } from '../domain/failure.ts';
import type { Identity, TokenIdentity, WorkloadIdentity } from '../domain/identity/identity.ts';
import type { ListedSecret, SecretReference, SecretValue } from '../domain/secrets/secret.ts';
import type { Selection, Setting } from '../domain/store/settings.ts';

/**
 * Unquoted ETags of the pages of a selection, in page order, and the host that gave them: ETags of different
 * hosts (replicas) or API versions are not comparable.
 */
export interface PageTags {
  readonly host: string;
  readonly etags: readonly string[];
}

export interface SettingsPages extends PageTags {
  readonly settings: readonly Setting[];
  /** Only of an archived snapshot. */
  readonly archived?: Archived;
  /** Of the setting that was modified last; milliseconds since the epoch, in whole seconds. */
  readonly modifiedAt?: number;
}

/** An archived snapshot is still read, and deleted at `expiresAt` (milliseconds since the epoch), if it is known. */
export interface Archived {
  readonly expiresAt?: number;
}

/** A selection at one host, that of `endpoint`. */
export interface StoreRequest extends Selection {
  /** The endpoint of the store, where this one is a replica's: what is granted is granted on the store. */
  readonly store?: string;
  /** Within what time each answer must begin, where someone else can be asked. */
  readonly patienceMs?: number;
}

/** App Configuration as the sources need it. Every call has a deadline of its own besides `signal`. */
export interface SettingsReader {
  /**
   * HEAD of each page, conditional where `known` holds that page's ETag. On 400, 403 and 404, which have no
   * body on HEAD, one GET of that page learns the cause.
   */
  headPages(
    selection: StoreRequest,
    identity: Identity,
    known: readonly string[],
    signal: AbortSignal,
  ): Promise<Result<PageTags>>;
  /** Reads all pages in full. A snapshot that is missing or not ready is a failure, never empty. */
  readPages(selection: StoreRequest, identity: Identity, signal: AbortSignal): Promise<Result<SettingsPages>>;
}

/** One secret, asked for once. */
export interface SecretRequest extends SecretReference {
  /** A GUID that the vault writes to its own log. Absent: one that nobody else knows. */
  readonly requestId?: string;
}

/** What became of a question to a vault. */
export interface VaultAnswer<T> {
  readonly result: Result<T>;
  /** Of the request that was answered, whoever made it; absent where none was made, or none waited for. */
  readonly requestId?: string;
  /** When that request began, milliseconds since the epoch; absent where none was made. */
  readonly askedAt?: number;
}

export type SecretAnswer = VaultAnswer<SecretValue>;

/** All secrets of a vault, without their values. */
export interface ListRequest {
  /** Host of the vault, lower case. */
  readonly vault: string;
  /** As in `SecretRequest`, for every page. */
  readonly requestId?: string;
}

export type ListAnswer = VaultAnswer<readonly ListedSecret[]>;

/** Key Vault as the sources need it. */
export interface SecretReader {
  readSecret(
    request: SecretRequest,
    identity: TokenIdentity,
    signal: AbortSignal,
  ): Promise<Result<SecretValue>>;
  /** All pages or a failure: never a part of a vault. */
  listSecrets(
    request: ListRequest,
    identity: TokenIdentity,
    signal: AbortSignal,
  ): Promise<Result<readonly ListedSecret[]>>;
}

/** Decides when a host, or a part of it, may be asked, and remembers its troubles (implemented by `sources/gate.ts`). */
export interface HostGate {
  run<T>(host: string, signal: AbortSignal, call: () => Promise<Result<T>>): Promise<Result<T>>;
}

/** The cluster's word for an identity: a ServiceAccount token for Entra, fresh enough to be exchanged. */
export interface AssertionSource {
  assertion(identity: WorkloadIdentity, signal?: AbortSignal): Promise<Result<string>>;
  /** Entra did not accept the last one: the next may name another issuer, or be signed with another key. */
  refused(identity: WorkloadIdentity): void;
}
