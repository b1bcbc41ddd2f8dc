/** A place in the content and why it breaks the schema. Holds no value of the content. */
export interface Violation {
  /** Names of members, from the root. */
  readonly path: readonly string[];
  /** For example `must match ^[0-9]+$`. */
  readonly problem: string;
}

export type SchemaOutcome =
  | { readonly kind: 'fits' }
  /** At most `MOST_VIOLATIONS`. */
  | { readonly kind: 'breaks'; readonly violations: readonly Violation[] }
  /** The schema itself is at fault. `problem` never quotes it. */
  | { readonly kind: 'unusable'; readonly problem: string }
  /** It was given up: time or memory ran out. */
  | { readonly kind: 'too-costly'; readonly problem: string }
  /** It could not be checked, for no fault of schema or content. The next check may succeed. */
  | { readonly kind: 'unchecked'; readonly problem: string };

export const MOST_VIOLATIONS = 10;

export interface SchemaCheckOptions {
  /** Of the pass that asks: once it is aborted nobody waits for the outcome. */
  readonly signal: AbortSignal;
}

/** Checks content against JSON schemas of users, whom nobody need trust: bounded in time and memory. */
export interface SchemaValidator {
  /** Both are JSON texts. Never rejects. */
  validate(schema: string, content: string, options: SchemaCheckOptions): Promise<SchemaOutcome>;
}
