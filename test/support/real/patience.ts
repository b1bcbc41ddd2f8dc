import { until } from '../../../dev/cluster/wait.ts';

export interface Patience {
  readonly what: string;
  /** Default: that of `until`. */
  readonly deadlineMs?: number;
  /** What to tell when the deadline has passed. */
  readonly explain: () => Promise<string>;
}

/** Polls until the answer is neither undefined nor false, and returns it; a failure explains the state it was left in. */
export async function eventually<T>(
  ask: () => Promise<T | undefined | false>,
  { what, deadlineMs, explain }: Patience,
): Promise<T> {
  try {
    return await until(ask, { what, ...(deadlineMs ? { deadlineMs } : {}) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const state = await explain().catch((trouble: unknown) => `(no explanation: ${String(trouble)})`);
    throw new Error(`${message}\n${state}`, { cause: error });
  }
}
