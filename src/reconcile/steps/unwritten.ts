import type { PlannedPass } from '../pass.ts';
import { allRecords, type Resolved } from './outcome.ts';
import type { LastValues } from './trusted.ts';

/**
 * Whether vaults gave something that the next pass would not see by itself: it takes over what the Secrets hold, until
 * secrets are due. As long as that is not written, they are; else the old value would pass for the current one.
 */
export function isUnseen(resolved: Resolved, { contents }: LastValues): boolean {
  const read = allRecords(resolved);
  return [...new Set([...read.keys(), ...contents.keys()])].some((key) => {
    const [now, before] = [read.get(key), contents.get(key)?.record];
    if (now?.reference === before?.reference) return now?.version !== before?.version;
    // A reference of another secret is read anyway; what lists select is known by the Secret until they are due.
    return now?.updatedAt !== undefined || before?.updatedAt !== undefined;
  });
}

/** The same of an earlier process: it could not write what it had read. */
export const leftUnwritten = ({ conditions = [] }: PlannedPass['previous']): boolean =>
  conditions.some(({ type, status }) => type === 'TargetsApplied' && status === 'False');
