import type { Reason } from '../../../src/api/reasons.ts';
import type { Data, Role, Stage } from './stage.ts';

/** How an event ends: in words for the reference, and as what must then be true. */
export interface Outcome {
  readonly text: string;
  /** Of the binding; absent: there is none any more. */
  readonly reason?: Reason;
  /** Of the second binding. */
  readonly second?: Reason;
  /** The data of objects; undefined: there is no such object. */
  readonly objects: Partial<Readonly<Record<Role, Data | undefined>>>;
  /** The target is the object that it was before. */
  readonly same?: true;
}

export const THEIRS: Data = { theirs: '1' };
export const OURS: Data = { color: 'blue' };
export const BOTH: Data = { ...THEIRS, ...OURS };

/** Waits until it is so; a failure says what is not. */
export async function expectOutcome(
  stage: Stage,
  outcome: Outcome,
  before: string | undefined,
): Promise<void> {
  const { objects, reason, second, text, same } = outcome;
  if (reason !== undefined)
    await stage.until(`${text}: Ready ${reason}`, async () => (await stage.reason()) === reason);
  if (second !== undefined)
    await stage.until(
      `${text}: ${second} of the second`,
      async () => (await stage.reason('second')) === second,
    );
  for (const [role, data] of Object.entries(objects) as [Role, Data | undefined][]) {
    const wanted = data === undefined ? 'none' : JSON.stringify(data);
    await stage.until(`${text}: ${role} to be ${wanted}`, async () =>
      isEqual((await stage.look(role))?.data, data),
    );
  }
  if (same !== undefined && before !== (await stage.look('target'))?.uid)
    throw new Error(`${text}: the target is another object`);
}

const sorted = (data: Data | undefined) => data && Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
const isEqual = (a: Data | undefined, b: Data | undefined): boolean =>
  JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
