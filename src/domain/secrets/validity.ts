import { showKeys } from '../keys.ts';
import type { ReferenceRecord, ReferenceRecords } from './references.ts';

/**
 * Secrets outside their own time window. Key Vault hands them out all the same: they are used, and told.
 */

const END = 'it is used as it is';

/** One sentence for each kind of problem at `now`; none when all is well. The same for the same keys. */
export function outOfDate(records: ReferenceRecords, now: number): readonly string[] {
  const problems = [
    ['expired', ({ expiresAt }: ReferenceRecord) => expiresAt !== undefined && expiresAt <= now],
    ['not yet valid', ({ notBefore }: ReferenceRecord) => notBefore !== undefined && notBefore > now],
  ] as const;
  return problems.flatMap(([problem, has]) => {
    const keys = [...records].filter(([, record]) => has(record)).map(([key]) => key);
    return keys.length === 0 ? [] : [`the secret of ${showKeys(keys.sort())} is ${problem}; ${END}`];
  });
}

/** Whether `message`, of several warnings maybe, says exactly what `outOfDate` would say at `now`. */
export function toldOutOfDate(message: string, records: ReferenceRecords, now: number): boolean {
  const expected = outOfDate(records, now);
  return (
    message.split(END).length - 1 === expected.length && expected.every((text) => message.includes(text))
  );
}
