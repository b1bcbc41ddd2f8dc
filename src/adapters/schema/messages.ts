import type { SchemaOutcome } from '../../ports/schemas.ts';

/** What the thread and its owner tell each other. */

/** From the thread, once: it has loaded all that it needs. */
export const READY = 'ready';

export interface Question {
  readonly id: number;
  readonly schema: string;
  readonly content: string;
}

export interface Answer {
  readonly id: number;
  readonly outcome: SchemaOutcome;
}
