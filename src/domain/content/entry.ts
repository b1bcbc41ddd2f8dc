import type { Expansion } from '../secrets/expand-json.ts';
import type { SecretReference } from '../secrets/secret.ts';

/** What stands at one final key. */
export type Entry =
  | {
      readonly kind: 'value' /** null: a stored null. */;
      readonly value: string | null;
      readonly contentType?: string;
    }
  | {
      readonly kind: 'reference';
      readonly reference: SecretReference;
      /** Absent: its value stands under the key. */
      readonly use?: ReferenceUse;
      /** Of a secret that was selected by the list of its vault. */
      readonly listed?: Listed;
    }
  | { readonly kind: 'invalid-reference'; readonly problem: string };

export type ReferenceEntry = Extract<Entry, { kind: 'reference' }>;

/** What becomes of the value of a reference, other than the value of its key. */
export type ReferenceUse =
  /** Several keys. */
  | ({ readonly as: 'keys' } & Expansion)
  /** A certificate and its key, in a Secret of its own that is named after the key. */
  | { readonly as: 'certificate' };

/** What the list of a vault told. */
export interface Listed {
  /** When the secret last changed, milliseconds since the epoch. */
  readonly updatedAt: number;
  /** What was read at that time may not be the newest all the same. */
  readonly doubtful: boolean;
}
