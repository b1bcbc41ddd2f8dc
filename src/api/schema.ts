import * as z from 'zod';
import type { Condition } from './conditions.ts';
import { BOUNDS } from './defaults.ts';
import { API_VERSION, KIND } from './names.ts';
import { ruled } from './rules.ts';
import { specSchema } from './spec.ts';
import { statusSchema } from './status.ts';

/**
 * The resource, once: these zod schemas are the source of the types below, of the CRD, and of its reference
 * page. Unknown members are ignored, as the API server prunes them.
 */

type DeepReadonly<T> = T extends (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

export type BindingSpec = DeepReadonly<z.infer<typeof specSchema>>;
export type BindingSelector = NonNullable<BindingSpec['selectors']>[number];

type RawStatus = DeepReadonly<z.infer<typeof statusSchema>>;
/** Every member is absent until it is first known. */
export type BindingStatus = Omit<RawStatus, 'conditions'> & { readonly conditions?: readonly Condition[] };
export type TargetStatus = NonNullable<BindingStatus['targets']>[number];
export type IdentityStatus = NonNullable<BindingStatus['identity']>;
export type ReferencesStatus = NonNullable<BindingStatus['references']>;
export type RolloutStatus = NonNullable<BindingStatus['rollouts']>[number];
export type RestartRecord = NonNullable<BindingStatus['restarts']>[string];

/** The members of `metadata` that a decision reads; others are kept at run time. */
export type BindingMetadata = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** An AppConfigBinding as the API server gives it. */
export type AppConfigBinding = {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: BindingMetadata;
  readonly spec: BindingSpec;
  readonly status?: BindingStatus;
};

/** The name becomes part of annotation names, whose last segment holds 63 characters. */
export const NAME_MESSAGE = `metadata.name must be at most ${BOUNDS.bindingName} characters: it becomes part of annotation names; choose a shorter name`;

/** A whole object as a user may apply it. */
export const bindingSchema = ruled(
  z.object({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal(KIND),
    metadata: z.looseObject({ name: z.string() }),
    spec: specSchema,
    status: statusSchema.exactOptional(),
  }),
  [
    {
      cel: `size(self.metadata.name) <= ${BOUNDS.bindingName}`,
      message: NAME_MESSAGE,
      holds: (value) => value.metadata.name.length <= BOUNDS.bindingName,
    },
  ],
  {
    description:
      'Keeps a ConfigMap and a Secret equal to a selection of settings of an Azure App Configuration store and the Key Vault secrets they link to.',
  },
);

/** A copy without members that are null, which the API server drops from objects before it checks them. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}

export { specSchema, statusSchema };
