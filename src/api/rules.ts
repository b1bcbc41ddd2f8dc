import type { z } from 'zod';

/**
 * A rule that the API server and the operator both enforce: `cel` runs at admission, `holds` when a spec is
 * planned (admission may have been bypassed, or the CRD may be older). Both must accept the same values; a
 * property test against a real API server holds them together.
 */
export interface Rule<T> {
  readonly cel: string;
  /** Names the remedy, not only the fault. */
  readonly message: string;
  readonly holds: (value: T) => boolean;
}

/** What is known of a field beyond its type. `description` is shown by `kubectl explain`. */
export interface Field {
  readonly description: string;
  /** Applied by the operator; appended to the description and shown in the reference. */
  readonly fallback?: string | undefined;
}

/** JSON schema keywords that pass through `z.toJSONSchema` unchanged. */
type Keywords = Readonly<Record<string, unknown>>;

const describe = ({ description, fallback }: Field): string =>
  fallback === undefined ? description : `${description} Default: ${fallback}.`;

/** The metadata of a field: description, documented default, and any JSON schema keywords. */
export const annotate = (field: Field, keywords: Keywords = {}): Record<string, unknown> => ({
  description: describe(field),
  ...(field.fallback === undefined ? {} : { 'x-fallback': field.fallback }),
  ...keywords,
});

/** `schema` with `rules` checked by zod and written into the CRD as CEL. */
export function ruled<S extends z.ZodType>(
  schema: S,
  rules: readonly Rule<z.output<S>>[],
  field: Field,
  keywords: Keywords = {},
): S {
  const checked = schema.superRefine((value, context) => {
    const broken = rules.find((rule) => !rule.holds(value));
    if (broken !== undefined) context.addIssue({ code: 'custom', message: broken.message });
  });
  const validations = rules.map(({ cel, message }) => ({ rule: cel, message }));
  const extra = rules.length === 0 ? {} : { 'x-kubernetes-validations': validations };
  return checked.meta(annotate(field, { ...keywords, ...extra }));
}
