import { ordinal } from '../keys.ts';
import { keysOf, type ReferenceRecords } from './references.ts';

/**
 * Which reference gives each key that a Secret holds, by that key: the one that has it for itself, else of those that
 * are made into it the one whose key sorts last.
 */
export function giversOf(records: ReferenceRecords): ReadonlyMap<string, string> {
  const givers = new Map<string, string>();
  for (const [key, record] of [...records].sort(([a], [b]) => ordinal(a, b))) {
    for (const name of keysOf(key, record)) if (givers.get(name) !== name) givers.set(name, key);
  }
  return givers;
}
