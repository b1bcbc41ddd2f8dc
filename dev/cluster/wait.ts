import { setTimeout as delay } from 'node:timers/promises';

/** How `until` waits; all times in milliseconds. */
export interface Patience {
  /** Named in the error: "waited 10 s for …". */
  readonly what: string;
  /** Default: a minute. On a loaded machine the start of a pod, or a poll that was just missed, takes half of that. */
  readonly deadlineMs?: number;
  /** Default: soon at first, then less often, since asking takes from the machine what is waited for. */
  readonly everyMs?: number;
}

const FIRST_MS = 25;
const SLOWER = 1.3;
const SLOWEST_MS = 200;

/**
 * Asks again and again until the answer is neither undefined nor false, and returns it.
 * An exception counts as "not yet" and is the cause of the error thrown at the deadline.
 */
export async function until<T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { what, deadlineMs = 60_000, everyMs }: Patience,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  let pauseMs = everyMs ?? FIRST_MS;
  let cause: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await delay(pauseMs);
    if (everyMs === undefined) pauseMs = Math.min(pauseMs * SLOWER, SLOWEST_MS);
  } while (Date.now() < end);
  throw new Error(`waited ${deadlineMs / 1000} s in vain for ${what}`, { cause });
}
