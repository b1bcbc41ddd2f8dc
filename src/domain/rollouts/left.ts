/** Targets that the binding has just left: pods may have read them, and new pods do not find them. */
import type { TargetName } from './usage.ts';

/** What pods may still read, of `names`. */
export const namesNow = (names: readonly TargetName[], left: readonly TargetName[]): readonly TargetName[] =>
  names.filter((now) => !left.some(({ kind, name }) => kind === now.kind && name === now.name));

/** What they could read before; what had another name then is known by its old one. */
export const namesBefore = (
  names: readonly TargetName[],
  left: readonly TargetName[],
): readonly TargetName[] => [
  ...namesNow(names, left).filter((now) => !left.some(({ role }) => role === now.role)),
  ...left,
];
