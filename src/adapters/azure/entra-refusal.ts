import type { Application } from '../../domain/identity/identity.ts';
import type { AssertionClaims } from './assertion-claims.ts';

/** A token request that did not end in a token. */
export interface EntraRefusal<I extends Application = Application> {
  readonly identity: I;
  /** Host of the authority, e.g. `login.microsoftonline.com`. */
  readonly authority: string;
  /** What the token was for, e.g. `https://vault.azure.net`. */
  readonly audience: string;
  /** Of the ServiceAccount token, where there was one. */
  readonly claims: AssertionClaims;
  /** HTTP status; absent when there was no answer. Without a {@link networkCode}, nothing was even asked. */
  readonly status?: number;
  /** First AADSTS number of the answer. */
  readonly code?: number;
  readonly retryAfterMs?: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Errno of a transport error. */
  readonly networkCode?: string;
}
