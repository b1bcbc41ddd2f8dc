import { DEFAULTS } from '../../api/defaults.ts';
import type { BindingSpec } from '../../api/schema.ts';

/** What new content must be before it is written. */
export interface PlannedGate {
  readonly requiredKeys: readonly string[];
  readonly schema?: PlannedSchema;
}

export type PlannedSchema =
  | { readonly kind: 'inline'; readonly text: string }
  /** `version`: of the ConfigMap, once it was looked at; part of what decides the targets. */
  | { readonly kind: 'configMap'; readonly name: string; readonly key: string; readonly version?: string };

/** Undefined: everything passes. */
export function planGate({ validate }: BindingSpec): PlannedGate | undefined {
  if (validate === undefined) return undefined;
  const { requiredKeys = [], schema } = validate;
  if (schema?.inline !== undefined) return { requiredKeys, schema: { kind: 'inline', text: schema.inline } };
  if (schema?.configMap === undefined) return { requiredKeys };
  const { name, key = DEFAULTS.schemaKey } = schema.configMap;
  return { requiredKeys, schema: { kind: 'configMap', name, key } };
}
