import { type Format, isLegalKey } from '../formats/format.ts';
import { destinations, type PlannedKeys, type PlannedTargets } from '../targets/plan-targets.ts';
import type { Entry } from './entry.ts';

/** Keys that one target leaves out, since its format cannot hold them. */
export interface SkippedKeys {
  /** For messages, such as `Secret orders-secrets`. */
  readonly target: string;
  readonly format: Format;
  readonly keys: readonly string[];
}

/**
 * With `keys.invalid: Skip`, entries that none of their targets can hold are left out: a reference that is written
 * nowhere need not be read. What one of two targets can hold stays; the other leaves it out when it is rendered.
 */
export function withoutSkipped(
  entries: ReadonlyMap<string, Entry>,
  { keys, ...targets }: PlannedTargets & { readonly keys: PlannedKeys },
): { readonly entries: ReadonlyMap<string, Entry>; readonly skipped: readonly SkippedKeys[] } {
  if (keys.invalid === 'Fail') return { entries, skipped: [] };
  const { plain, reference } = destinations(targets);
  const kept = new Map<string, Entry>();
  const skipped = new Map<string, SkippedKeys & { readonly keys: string[] }>();
  for (const [key, entry] of entries) {
    const homes = entry.kind === 'value' ? plain : reference;
    // What it becomes is known only with its value; a key that does not fit is then an error.
    if (entry.kind === 'reference' && entry.use !== undefined) {
      kept.set(key, entry);
      continue;
    }
    const closed = homes.filter(({ format }) => !isLegalKey(key, format));
    for (const { target, format } of closed) {
      const left = skipped.get(target) ?? { target, format, keys: [] };
      skipped.set(target, left);
      left.keys.push(key);
    }
    if (homes.length === 0 || closed.length < homes.length) kept.set(key, entry);
  }
  return { entries: kept, skipped: [...skipped.values()] };
}
