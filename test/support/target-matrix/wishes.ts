import type { BindingSpec } from '../../../src/api/schema.ts';
import type { Role, TargetKind, Wish } from './stage.ts';

/** The names of a stage's objects. */
export const NAMES: Readonly<Record<Role, string>> = { target: 'target', other: 'other', rest: 'rest' };

/** Which kind an object of a stage is. */
export const kindOf = (kind: TargetKind, role: Role): TargetKind =>
  role !== 'rest' ? kind : kind === 'ConfigMap' ? 'Secret' : 'ConfigMap';

/** A Secret that holds plain values, so that both kinds have the same content. */
export function targetOf(kind: TargetKind, { role, type, ...policy }: Wish): BindingSpec['target'] {
  const name = NAMES[role];
  if (kindOf(kind, role) === 'ConfigMap') return { configMap: { name }, ...policy };
  return { secret: { name, include: 'All', ...(type === undefined ? {} : { type }) }, ...policy };
}

/** The text of values, and of null nothing. */
export const encoded = (kind: TargetKind, data: Readonly<Record<string, string | null>>) =>
  kind === 'ConfigMap'
    ? data
    : Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, value && Buffer.from(value).toString('base64')]),
      );

export const decoded = (kind: TargetKind, data: Readonly<Record<string, string>> = {}) =>
  kind === 'ConfigMap'
    ? data
    : Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
      );
