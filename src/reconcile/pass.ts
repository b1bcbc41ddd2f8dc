import type { AppConfigBinding, BindingStatus } from '../api/schema.ts';
import type { Plan } from '../domain/plan.ts';
import type { Logger } from '../ports/logger.ts';
import type { Memory } from './memory.ts';

/** One run over one binding: what it started from. Steps return what they learn; they do not write here. */
export interface Pass {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly binding: AppConfigBinding;
  readonly previous: BindingStatus;
  readonly memory: Memory;
  /** When the pass began, milliseconds since the epoch. */
  readonly now: number;
  readonly signal: AbortSignal;
  /** The refresh annotation asks for something that the status does not yet echo. */
  readonly refreshRequested: boolean;
  readonly logger: Logger;
  /** Of this pass alone; goes with its requests to vaults, and into its lines of the log. */
  readonly requestId: string;
}

/** A pass whose spec makes sense. */
export interface PlannedPass extends Pass {
  readonly plan: Plan;
}
