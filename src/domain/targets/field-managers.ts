/** What `metadata.managedFields` tells of labels, annotations and data: who holds which members. */

/** `metav1.ManagedFieldsEntry`: who last changed which fields, to the second. */
export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: unknown;
}

export type Section = 'labels' | 'annotations' | 'data';

interface Managed {
  readonly metadata: { readonly managedFields?: readonly ManagedFields[] };
}

/** Names of the members of `section` that `manager` holds by server-side apply. */
export const appliedBy = (object: Managed, manager: string, section: Section): readonly string[] =>
  (object.metadata.managedFields ?? [])
    .filter((entry) => entry.manager === manager && entry.operation === 'Apply')
    .flatMap(({ fieldsV1 }) => members(fieldsV1, section));

/** The managers that hold a member, in whatever way. */
export function holdersOf(object: Managed, section: Section, member: string): readonly string[] {
  const holders = (object.metadata.managedFields ?? [])
    .filter(({ fieldsV1 }) => members(fieldsV1, section).includes(member))
    .map(({ manager = 'unknown' }) => manager);
  return [...new Set(holders)];
}

/** `fieldsV1` is a tree whose members are named `f:<field>`. */
function members(fieldsV1: unknown, section: Section): readonly string[] {
  const parent = section === 'data' ? fieldsV1 : inner(fieldsV1, 'metadata');
  return Object.keys(Object(inner(parent, section)))
    .filter((name) => name.startsWith('f:'))
    .map((name) => name.slice(2));
}

const inner = (tree: unknown, field: string): unknown => Reflect.get(Object(tree), `f:${field}`);
